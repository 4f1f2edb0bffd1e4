#define _GNU_SOURCE
#include "page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

dm_page *dm_map(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return NULL;
    void *page = MAP_FAILED;
    if (ftruncate(fd, sizeof(dm_page)) == 0)
        page = mmap(NULL, sizeof(dm_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : page;
}

void dm_unmap(dm_page *page) { munmap(page, sizeof *page); }

uint32_t dm_rows(const dm_page *page) {
    uint32_t used = atomic_load(&page->used);
    return used < DM_ROWS ? used : DM_ROWS;
}

dm_row dm_read(const dm_page *page, uint32_t row) { return page->row[row]; }

static int64_t machine_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void dm_run_fast(dm_page *page) {
    atomic_store(&page->now, machine_ns() + atomic_load(&page->ahead));
    atomic_store(&page->fast, 1);
}

void dm_run_real(dm_page *page) {
    atomic_store(&page->ahead, atomic_load(&page->now) - machine_ns());
    atomic_store(&page->fast, 0);
}
