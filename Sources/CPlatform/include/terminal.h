/* A terminal on which a view is drawn in place, and the signals that such a view hears. Each returns 0 or what it names,
 * or a negative errno. */
#ifndef DRONEAGENT_TERMINAL_H
#define DRONEAGENT_TERMINAL_H

#include <stdint.h>

/* ---- the terminal ------------------------------------------------------------------------------- */

/* Its size, 0 where it does not say. An error: it is no terminal, or it has hung up. */
int32_t da_terminal_size(int32_t fd, int32_t *_Nonnull columns, int32_t *_Nonnull rows);
/* 1: this process may draw; 0: it is in the background of the terminal that controls it, and another one draws there. */
int32_t da_terminal_is_ours(int32_t fd);
/* Waits until something can be written without waiting. 1: it can; 0: not in time, for somebody holds it (Ctrl-S). */
int32_t da_terminal_await_room(int32_t fd, int32_t milliseconds);
/* From now on keys are not shown. One terminal at a time. */
int32_t da_terminal_hush(int32_t fd);
/* As it was before da_terminal_hush, and without what was typed meanwhile: that was not meant for the shell. */
int32_t da_terminal_restore(int32_t fd);

/* ---- signals ------------------------------------------------------------------------------------ */

/* From now on these are heard by da_signals_await and do nothing else. One that the process was started to ignore (nohup)
 * stays ignored; one that it was started with blocked is not any more, in the calling thread. Numbers below 32. */
int32_t da_signals_hear(const int32_t *_Nonnull numbers, uint32_t count);
/* Waits for one, at most until the absolute CLOCK_MONOTONIC time; a bit (1 << number) for each that has come. */
uint32_t da_signals_await(uint64_t deadline_ns);
/* Does to this process what the signal does to one that does not hear it. Returns if that is a stop that is over. */
int32_t da_signals_obey(int32_t number);

#endif
