/* The wire contract of droneagent: everything that crosses the border of a process.
 *
 * A flight container needs this file, a Unix SEQPACKET socket and (for the handover) ZeroMQ; nothing
 * else. All integers and floats are little-endian, naturally aligned, with explicit padding that is
 * written as zero. Units are SI: s, m, rad, rad/s, m/s^2, Pa, V, A. Frames: NED is the world, FRD the
 * body (x forward, y right, z down). Times are CLOCK_MONOTONIC in nanoseconds. Floats are finite: a
 * frame with a NaN or an infinity is refused as a whole.
 *
 * Sources/Manual explains the exchange; the numbers below are the contract.
 */
#ifndef DRONEAGENT_CONTRACT_H
#define DRONEAGENT_CONTRACT_H

#include <stdint.h>

/* Swift's compiler checks that a function marked so reaches no allocation; other compilers skip it. */
#if defined(__clang__)
#define DA_NO_ALLOCATION __attribute__((swift_attr("@_noAllocation")))
#else
#define DA_NO_ALLOCATION
#endif

#ifdef __cplusplus
#define DA_ASSERT_SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#else
#define DA_ASSERT_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#endif

/* ---------------------------------------------------------------------------------------------
 * Limits. Each bounds a buffer or a loop on both sides of a border.
 * ------------------------------------------------------------------------------------------- */
enum {
    DA_CONTRACT_VERSION = 1, /* raised when any layout below changes but the board's, which has its own */
    DA_MAGIC = 0xDA9E,       /* first two bytes of every frame: 9E DA on the wire                 */
    DA_MOTORS = 4,           /* quadcopter X: 0 front right, 1 rear left, 2 front left, 3 rear right */
    DA_INSTANCES = 4,        /* containers that the core serves at once: owner, candidate, two spare */
    DA_NAME_BYTES = 32,      /* names, NUL-terminated UTF-8                                       */
    DA_PATH_BYTES = 104,     /* sockets and devices; sun_path holds 108 with its NUL              */
    DA_TEXT_BYTES = 256,     /* one sentence for a person, NUL-terminated UTF-8                   */
    DA_CHANNELS = 16,        /* state channels a container may offer or need                      */
    DA_CUT_BYTES = 65536,    /* one queue message: an atomic cut with all its channels            */
    DA_BLOCK_BYTES = 1024,   /* a channel in blocks is sent, and sent anew, in these              */
    DA_BLOCKS_BYTES = 67108864, /* all channels in blocks of one container: 64 MiB                */
    DA_PIECE_BLOCKS = 32,    /* blocks in one message                                             */
    DA_PIECE_WINDOW = 16,    /* such messages on their way: 512 KiB, whatever the channel's size  */
    DA_FRAME_BYTES = 1024    /* no frame of the tick or control socket is longer                  */
};

/* ---------------------------------------------------------------------------------------------
 * Frame header, first in every frame of the tick socket, the control socket and the queue.
 * ------------------------------------------------------------------------------------------- */
enum da_kind {
    /* tick.sock: container -> core */
    DA_KIND_HELLO = 1,
    DA_KIND_COMMAND = 2,
    /* tick.sock: core -> container */
    DA_KIND_WELCOME = 3,
    DA_KIND_SAMPLE = 4,
    /* control.sock: agent, pilot -> core and back */
    DA_KIND_REQUEST = 16,
    DA_KIND_REPLY = 17,
    /* queue.ipc (ZeroMQ): see da_queue_header */
    DA_KIND_INTRODUCE = 32,
    DA_KIND_OFFER = 33,
    DA_KIND_NEED = 34,
    DA_KIND_STREAM = 35,
    DA_KIND_CUT = 36,
    DA_KIND_ACKNOWLEDGE = 37,
    DA_KIND_READY = 38,
    DA_KIND_RETIRE = 39,
    DA_KIND_BLOCKS = 40,
    DA_KIND_TAKEN = 41
};

typedef struct da_header {
    uint16_t magic;   /* DA_MAGIC                                      */
    uint8_t version;  /* DA_CONTRACT_VERSION                           */
    uint8_t kind;     /* enum da_kind                                  */
    uint32_t size;    /* bytes of the whole frame, header included     */
} da_header;
DA_ASSERT_SIZE(da_header, 8);

/* ---------------------------------------------------------------------------------------------
 * Tick socket: <directory>/tick.sock, SOCK_SEQPACKET. The container connects and says hello once; the
 * core answers welcome, then sends one sample a tick. The container answers each with one command.
 * ------------------------------------------------------------------------------------------- */
#define DA_TICK_SOCKET "tick.sock"

typedef struct da_hello {
    da_header header;
    char name[DA_NAME_BYTES];    /* of the controller, for people                                 */
    char version[DA_NAME_BYTES]; /* of the controller, for people                                 */
} da_hello;
DA_ASSERT_SIZE(da_hello, 72);

/* What a controller must know of the airframe. Comes from the board file. */
typedef struct da_vehicle {
    float mass;             /* kg                                                                 */
    float inertia[3];       /* kg m^2, body axes                                                  */
    float motor_x[DA_MOTORS]; /* m, forward of the centre of mass                                 */
    float motor_y[DA_MOTORS]; /* m, right of the centre of mass                                   */
    float spin[DA_MOTORS];  /* +1: the propeller turns counter-clockwise seen from above, so that its
                               drag turns the body clockwise (+yaw, nose right); -1: the reverse   */
    float thrust_max;       /* N, one motor at command 1; thrust = thrust_max * command^2         */
    float moment_ratio;     /* m, rotor drag moment / thrust                                      */
    float rotor_lag;        /* s, time constant of a rotor                                        */
    float tilt_limit;       /* rad, largest tilt that a pilot may ask for                         */
    float command_idle;     /* least command while armed, so that no rotor stops                  */
    float reserved;
} da_vehicle;
DA_ASSERT_SIZE(da_vehicle, 88);

typedef struct da_welcome {
    da_header header;
    uint32_t tick_rate; /* Hz                                                                     */
    uint32_t instance;  /* slot of this connection, for logs                                      */
    uint64_t board_hash; /* of the compiled board file                                            */
    da_vehicle vehicle;
} da_welcome;
DA_ASSERT_SIZE(da_welcome, 112);

enum da_mode {
    DA_MODE_DISARMED = 0, /* motors off                                                           */
    DA_MODE_ARMED = 1,    /* on the ground, rotors at idle                                        */
    DA_MODE_TAKEOFF = 2,  /* the core asks for a climb until the take-off height is reached       */
    DA_MODE_FLY = 3,      /* the pilot's setpoint                                                 */
    DA_MODE_LAND = 4,     /* the core asks for level and descent until touchdown, then disarms    */
    DA_MODE_FAILSAFE = 5  /* the core's own controller flies: level, descend, land, disarm        */
};

enum da_source {
    DA_SOURCE_NONE = 0,
    DA_SOURCE_RECEIVER = 1, /* the pilot's radio                                                  */
    DA_SOURCE_GROUND = 2,   /* control socket: ground station, script                             */
    DA_SOURCE_CORE = 3      /* the core itself: take-off, landing, link lost                      */
};

typedef struct da_setpoint {
    float roll;      /* rad, right positive                                                       */
    float pitch;     /* rad, nose up positive                                                     */
    float yaw_rate;  /* rad/s, nose right positive                                                */
    float climb;     /* m/s, up positive; 0: hold the height                                      */
} da_setpoint;
DA_ASSERT_SIZE(da_setpoint, 16);

enum da_sample_flags {
    DA_SAMPLE_IMU_FRESH = 1,     /* gyro and accel were read in this tick                         */
    DA_SAMPLE_BARO_FRESH = 2,    /* pressure is new in this tick                                  */
    DA_SAMPLE_BATTERY_FRESH = 4, /* battery values are new in this tick                           */
    DA_SAMPLE_ON_GROUND = 8      /* the core holds that the vehicle stands                        */
};

typedef struct da_sample {
    da_header header;
    uint64_t tick;         /* number of the tick, grows by one; a gap is a tick that was skipped  */
    uint64_t scheduled_ns; /* the tick's absolute start                                           */
    uint64_t sensed_ns;    /* when the IMU had been read                                          */
    uint64_t owner_epoch;  /* epoch that owns the actuators at this tick; 0: nobody               */
    uint64_t your_epoch;   /* epoch granted to the receiver; owner if equal to owner_epoch;
                              0: in shadow, answer with epoch 0                                   */
    float gyro[3];         /* rad/s, FRD, bias removed                                            */
    float accel[3];        /* m/s^2, FRD, specific force: (0, 0, -9.81) at rest and level         */
    float pressure;        /* Pa, last measured                                                   */
    float temperature;     /* degrees Celsius, of the barometer                                   */
    float battery_voltage; /* V                                                                   */
    float battery_current; /* A                                                                   */
    float applied[DA_MOTORS]; /* what the motors were told at applied_tick, 0 to 1                */
    uint64_t applied_tick;
    da_setpoint setpoint;
    uint8_t mode;          /* enum da_mode                                                        */
    uint8_t source;        /* enum da_source, of the setpoint                                     */
    uint8_t flags;         /* enum da_sample_flags                                                */
    uint8_t reserved[5];
} da_sample;
DA_ASSERT_SIZE(da_sample, 136);

enum da_command_flags {
    DA_COMMAND_SETTLED = 1, /* the controller's own view: filters warm, fit to fly                */
    DA_COMMAND_TRACKING = 2 /* motor[] still blends from the previous owner's command             */
};

typedef struct da_command {
    da_header header;
    uint64_t tick;       /* of the sample answered                                                */
    uint64_t sample_ns;  /* its scheduled_ns, echoed                                              */
    uint64_t epoch;      /* its your_epoch, echoed                                                */
    uint64_t state_tick; /* tick of the state cut that this controller stands on; 0: none         */
    float motor[DA_MOTORS]; /* 0 to 1, the command to be applied                                  */
    float free[DA_MOTORS];  /* the same without blending: what the controller itself wants        */
    uint32_t flags;      /* enum da_command_flags                                                 */
    uint32_t reserved;
} da_command;
DA_ASSERT_SIZE(da_command, 80);

/* ---------------------------------------------------------------------------------------------
 * Handover queue: ipc://<directory>/queue.ipc, ZeroMQ DEALER on both sides; the agent binds, the
 * container connects. One ZeroMQ message of one part is one frame: da_queue_header, then the body.
 * ------------------------------------------------------------------------------------------- */
#define DA_QUEUE_SOCKET "queue.ipc"

typedef struct da_queue_header {
    da_header header;   /* size: header and body                                                  */
    uint64_t sequence;  /* counts the sender's messages of this connection from 1                 */
    uint64_t tick;      /* CUT: the tick of the cut; ACKNOWLEDGE, READY: of the cut applied;
                           BLOCKS, TAKEN: number of the piece; else 0                             */
    uint32_t count;     /* entries in the body: channels of an offer, need or cut, runs of blocks */
    uint32_t checksum;  /* CRC-32C (Castagnoli, as in RFC 3720 B.4) of the body                   */
} da_queue_header;
DA_ASSERT_SIZE(da_queue_header, 32);

enum da_channel_kind {
    DA_CHANNEL_SEED = 0,      /* taken once, at the first cut                                     */
    DA_CHANNEL_REPLICATE = 1, /* the owner's until the switch: every cut renews it                */
    DA_CHANNEL_OBSERVE = 2    /* not sent: warmed from samples                                    */
};

enum da_channel_form {
    DA_FORM_WHOLE = 0,  /* its bytes are in each cut                                              */
    DA_FORM_BLOCKS = 1  /* in BLOCKS ahead of the cut, first all of them, then those that changed */
};

/* Body of OFFER: count of these. What the owner can hand over. */
typedef struct da_channel_offer {
    char name[DA_NAME_BYTES];
    uint16_t schema;   /* version of the layout of the state's bytes                              */
    uint8_t kind;      /* enum da_channel_kind                                                    */
    uint8_t form;      /* enum da_channel_form                                                    */
    uint32_t bytes;    /* size of the state; in blocks: a multiple of DA_BLOCK_BYTES              */
    uint32_t rate;     /* cuts a second in which it is sent anew; 0: only in the first            */
    uint32_t pace;     /* in blocks: bytes a second that the owner sends at most; else 0          */
} da_channel_offer;
DA_ASSERT_SIZE(da_channel_offer, 48);

/* Body of NEED: count of these. What the candidate must have, and what it can read. */
typedef struct da_channel_need {
    char name[DA_NAME_BYTES];
    uint16_t schema_min; /* oldest layout that it can read (it migrates by itself)                */
    uint16_t schema_max;
    uint8_t kind;        /* enum da_channel_kind                                                  */
    uint8_t required;    /* 1: no update without it; 0: starts from its own default               */
    uint8_t form;        /* enum da_channel_form                                                  */
    uint8_t reserved;
    uint32_t settle_ms;  /* how long it must watch samples before the channel is warm             */
    uint32_t bytes;      /* in blocks: the one size that it can take; else 0                      */
} da_channel_need;
DA_ASSERT_SIZE(da_channel_need, 48);

/* Body of CUT: count times (this, then `bytes` bytes, padded with zeros to a multiple of 8). */
typedef struct da_channel_state {
    char name[DA_NAME_BYTES];
    uint16_t schema;
    uint16_t reserved;
    uint32_t bytes;
} da_channel_state;
DA_ASSERT_SIZE(da_channel_state, 40);

/* Body of BLOCKS: count times (this, then `count` blocks of DA_BLOCK_BYTES). A channel in blocks stands in
 * CUT with 8 bytes: the number (u64) of the last piece that belongs to the cut. */
typedef struct da_block_run {
    char name[DA_NAME_BYTES];
    uint32_t first; /* number of the first block                                                  */
    uint32_t count; /* blocks                                                                     */
} da_block_run;
DA_ASSERT_SIZE(da_block_run, 40);

/* Body of INTRODUCE, the container's first message: who speaks. */
typedef struct da_introduction {
    char name[DA_NAME_BYTES];
    char version[DA_NAME_BYTES];
} da_introduction;
DA_ASSERT_SIZE(da_introduction, 64);

/* Body of STREAM, agent to owner: from now on send a cut every `interval` ticks, with at most `window`
 * of them unacknowledged; 0: stop. A full window skips a cut, it never queues one. */
typedef struct da_stream {
    uint32_t interval; /* ticks                                                                   */
    uint32_t window;   /* cuts                                                                    */
} da_stream;
DA_ASSERT_SIZE(da_stream, 8);

/* OFFER and NEED are sent once, right behind INTRODUCE. ACKNOWLEDGE has no body: agent to owner, cut
 * `tick` is safe; candidate to agent, cut `tick` is applied. READY, candidate to agent, has no body: in
 * step on cut `tick`, warm and settled. RETIRE, agent to container, has no body: end soon.
 *
 * Channels in blocks only: NEED goes on from the agent to the owner, ahead of STREAM. TAKEN, candidate to agent
 * to owner, has no body: all pieces up to number `tick` are taken in; 0: begin anew with piece 1. */

/* ---------------------------------------------------------------------------------------------
 * Command log: <directory>/commands.log, appended by the container (below its control thread), read by
 * the verdict. A container that writes none cannot be judged.
 * ------------------------------------------------------------------------------------------- */
#define DA_COMMAND_LOG "commands.log"

typedef struct da_command_record {
    uint64_t tick;
    uint64_t sample_ns; /* scheduled_ns of the sample answered                                    */
    uint64_t epoch;     /* as sent                                                                */
    float motor[DA_MOTORS]; /* as sent                                                            */
} da_command_record;
DA_ASSERT_SIZE(da_command_record, 40);

/* ---------------------------------------------------------------------------------------------
 * Control socket of the core: SOCK_SEQPACKET, one request, one reply, strictly in turn. The agent, the
 * pilot's ground station and tests use it.
 * ------------------------------------------------------------------------------------------- */
enum da_operation {
    DA_OP_STATUS = 0,   /* answers da_status only                                                 */
    DA_OP_ATTACH = 1,   /* name, path: serve <path>/tick.sock to an instance                      */
    DA_OP_DETACH = 2,   /* name: close it; refused for the owner                                  */
    DA_OP_GRANT = 3,    /* name: becomes owner; on the ground, when nobody owns                   */
    DA_OP_RESERVE = 4,  /* reserve epochs on disk for switch, way back and failsafe               */
    DA_OP_SWITCH = 5,   /* name, ticks: hand the actuators to it at the first boundary at which it is in
                           step, within so many ticks; the reply only says that it is pending     */
    DA_OP_COMMIT = 6,   /* end of probation: no way back by itself any more                       */
    DA_OP_ROLLBACK = 7, /* give control back to the standby at the next tick                      */
    DA_OP_CANCEL = 8,   /* forget a pending switch                                                */
    DA_OP_ARM = 16,
    DA_OP_DISARM = 17,  /* on the ground; flags DA_REQUEST_FORCE: also in the air                 */
    DA_OP_TAKEOFF = 18, /* value: height above the place of arming, m                             */
    DA_OP_LAND = 19,
    DA_OP_PILOT = 20    /* setpoint; to be renewed, see da_board.pilot_timeout; refused while the link of
                           the pilot's receiver is up                                             */
};

enum da_request_flags { DA_REQUEST_FORCE = 1 };

typedef struct da_request {
    da_header header;
    uint32_t operation; /* enum da_operation                                                      */
    uint32_t flags;     /* enum da_request_flags                                                  */
    char name[DA_NAME_BYTES];
    char path[DA_PATH_BYTES];
    da_setpoint setpoint;
    float value;
    uint32_t ticks;
} da_request;
DA_ASSERT_SIZE(da_request, 176);

enum da_role {
    DA_ROLE_EMPTY = 0,     /* slot is free                                                        */
    DA_ROLE_LISTENING = 1, /* attached, no connection                                             */
    DA_ROLE_SHADOW = 2,    /* connected, commands compared only                                   */
    DA_ROLE_OWNER = 3,
    DA_ROLE_STANDBY = 4    /* the previous owner in probation                                     */
};

typedef struct da_instance_status {
    char name[DA_NAME_BYTES];
    uint64_t answered_tick;  /* last sample answered                                              */
    uint64_t state_tick;     /* of its last command                                               */
    uint64_t in_step_since;  /* first tick from which it answered every sample; 0: not in step    */
    uint64_t answered;       /* commands taken in                                                 */
    uint64_t late;           /* answers after their tick's end                                    */
    uint64_t refused;        /* malformed, wrong epoch, not finite, out of range                  */
    uint64_t dropped;        /* samples that its socket had no room for                           */
    float divergence;        /* RMS distance of motor commands to the owner's, last second        */
    float rate_divergence;   /* rad/s^2 RMS, angular acceleration that the difference would cause */
    float gain[4];           /* its free command's effect over the owner's, last 2 s: roll, pitch, yaw,
                                thrust; 1: alike, negative: the wrong way                         */
    int32_t pid;
    uint8_t role;            /* enum da_role                                                      */
    uint8_t settled;         /* DA_COMMAND_SETTLED in its last command                            */
    uint8_t gain_known;      /* a bit for each of gain[] that the owner moved enough to tell      */
    uint8_t reserved;
} da_instance_status;
DA_ASSERT_SIZE(da_instance_status, 120);

/* Why a switch back or to the failsafe happened. */
enum da_cause {
    DA_CAUSE_NONE = 0,
    DA_CAUSE_REQUESTED = 1,
    DA_CAUSE_MISSED = 2,   /* deadlines in a row                                                  */
    DA_CAUSE_GONE = 3,     /* its socket closed                                                   */
    DA_CAUSE_RANGE = 4,    /* command out of range or not finite                                  */
    DA_CAUSE_ENVELOPE = 5, /* attitude or descent outside of the envelope                         */
    DA_CAUSE_EXPIRED = 6,  /* a pending switch was not in step in time                            */
    DA_CAUSE_RESTARTED = 7 /* the core was restarted in flight; the former owner has it again, or
                              after a second crash within a second the failsafe                   */
};

typedef struct da_status {
    uint64_t tick;
    uint64_t now_ns;
    uint64_t owner_epoch;
    uint64_t reserved_epoch;  /* highest epoch on disk                                            */
    uint64_t switch_tick;     /* first tick of the present owner                                  */
    uint64_t way_back_tick;   /* tick of the last way back; 0: none                               */
    uint64_t board_hash;
    uint64_t ticks_skipped;   /* slept through, not made up                                       */
    uint64_t ticks_late;      /* previous command served                                          */
    uint64_t ticks_held;      /* no command in time, last one held beyond one tick                */
    uint64_t ticks_failsafe;
    uint64_t writes_failed;   /* motor writes that the bus refused                                */
    uint64_t reads_failed;
    uint64_t stale_refused;   /* commands of an epoch that is not the sender's                    */
    float tilt;               /* rad                                                              */
    float roll;
    float pitch;
    float altitude;           /* m above the place of arming                                      */
    float climb;              /* m/s                                                              */
    float rate;               /* rad/s, norm                                                      */
    float battery_voltage;
    float bus_load;           /* 0 to 1, computed transfer time / tick                            */
    uint32_t tick_rate;
    uint32_t arming_refused;  /* bits of enum da_arming; armed: those that are trouble in flight  */
    uint8_t mode;             /* enum da_mode                                                     */
    uint8_t source;           /* enum da_source                                                   */
    uint8_t cause;            /* enum da_cause, of the last switch                                */
    uint8_t in_probation;
    uint8_t switch_pending;
    uint8_t on_ground;
    uint8_t realtime;         /* 1: SCHED_FIFO and locked memory                                  */
    uint8_t bus_slow;         /* 1: transfers take longer than bytes and bus speed say            */
    da_instance_status instance[DA_INSTANCES];
} da_status;
DA_ASSERT_SIZE(da_status, 640);

/* Reasons not to arm, one bit each. */
enum da_arming {
    DA_ARMING_NO_OWNER = 1,
    DA_ARMING_OWNER_SILENT = 2,
    DA_ARMING_SWITCH = 4,       /* the arm switch is off                                          */
    DA_ARMING_KILL = 8,         /* the kill line is pulled                                        */
    DA_ARMING_IMU = 16,
    DA_ARMING_BARO = 32,
    DA_ARMING_BATTERY_CHIP = 64,
    DA_ARMING_MOTOR_CHIP = 128,
    DA_ARMING_BATTERY_LOW = 256,
    DA_ARMING_NOT_STILL = 512,  /* gyro bias not measured yet: the vehicle moves                  */
    DA_ARMING_BUS_BUDGET = 1024, /* the tick's transfers do not fit the bus                       */
    DA_ARMING_TILTED = 2048,
    DA_ARMING_NO_PILOT = 4096,  /* nobody sends a setpoint: no receiver's link, no control socket */
    DA_ARMING_EPOCHS = 8192     /* no epochs reserved on disk                                     */
};

typedef struct da_reply {
    da_header header;
    uint32_t refused; /* 0: done                                                                  */
    uint32_t reserved;
    char text[DA_TEXT_BYTES]; /* why it was refused, one sentence                                 */
    da_status status;
} da_reply;
DA_ASSERT_SIZE(da_reply, 912);

/* ---------------------------------------------------------------------------------------------
 * Board: what `droneagent board compile` makes of the board file; the core reads only this.
 * ------------------------------------------------------------------------------------------- */
enum { DA_BOARD_MAGIC = 0x44414231, DA_BOARD_VERSION = 2 }; /* "1BAD" in memory */

/* Bits that say which GPIO lines the board has. */
enum da_line {
    DA_LINE_ARM = 0,           /* input, 1: the pilot allows arming                               */
    DA_LINE_KILL = 1,          /* input, 1: motors off at once                                    */
    DA_LINE_OUTPUT_ENABLE = 2, /* output, 1: motor outputs enabled (the chip's pin is active low) */
    DA_LINE_LED = 3,           /* output, 1: lit                                                  */
    DA_LINES = 4
};

typedef struct da_board_line {
    int32_t offset;      /* on the chip; -1: the board has no such line                           */
    uint8_t active_low;
    uint8_t reserved[3];
} da_board_line;
DA_ASSERT_SIZE(da_board_line, 8);

enum {
    DA_STICKS = 4,          /* 0 roll, 1 pitch, 2 climb, 3 yaw                                    */
    DA_PPM_CHANNELS = 12    /* most channels of a PPM-sum frame                                   */
};

/* The pilot's receiver: PPM-sum on one line, read by the kernel's time stamps of its edges. */
typedef struct da_board_receiver {
    int32_t offset;           /* of the line on the chip; -1: the board has no receiver            */
    uint8_t falling;          /* 1: channels are measured between falling edges, 0: rising         */
    uint8_t channel[DA_STICKS]; /* of each stick, 1 is the frame's first                           */
    uint8_t reversed;         /* a bit for each stick whose channel runs the other way             */
    uint8_t failsafe_channel; /* the one that tells a lost link; 0: none does                      */
    uint8_t reserved;
    float range[3];           /* s, least, centre, most                                            */
    float deadband;           /* s, on each side of the centre                                     */
    float failsafe_below;     /* s, of the failsafe channel: a value below it says that the link is lost */
} da_board_receiver;
DA_ASSERT_SIZE(da_board_receiver, 32);

typedef struct da_board {
    uint32_t magic;
    uint32_t version;
    uint32_t size;      /* of this struct                                                         */
    uint32_t checksum;  /* CRC-32C of the struct with this field 0                                */
    uint64_t hash;      /* of the board file's text (first 8 bytes of its SHA-256), for people    */
    char name[DA_NAME_BYTES];
    char bus_device[DA_PATH_BYTES];   /* /dev/i2c-N, or bridge:PATH for a bus behind a socket      */
    char motor_bus_device[DA_PATH_BYTES]; /* empty: the same bus                                  */
    char gpio_label[DA_NAME_BYTES];   /* of the GPIO chip, or bridge                              */
    da_board_line line[DA_LINES];
    uint32_t bus_speed;        /* Hz                                                              */
    uint32_t motor_bus_speed;  /* Hz; 0: the same bus                                             */
    uint32_t tick_rate;        /* Hz: 250, 400, 500 or 1000                                       */
    uint8_t imu_address, baro_address, battery_address, motor_address;
    float imu_rotation[9];     /* row-major: body = rotation * chip                               */
    float accel_bias[3];       /* m/s^2, body                                                     */
    float accel_scale[3];
    uint8_t motor_channel[DA_MOTORS]; /* PCA9685 channel of each motor                            */
    float pulse_min;           /* s, command 0                                                    */
    float pulse_max;           /* s, command 1                                                    */
    float pwm_rate;            /* Hz                                                              */
    float pwm_oscillator;      /* Hz, measured; 25e6 nominal                                      */
    float battery_shunt;       /* ohm                                                             */
    float battery_low;         /* V, no arming under it                                           */
    float battery_critical;    /* V; below it for a second, the core lands                        */
    da_vehicle vehicle;
    /* limits, each with its reason in the board file */
    float tilt_max;            /* rad, envelope                                                   */
    float rate_max;            /* rad/s, envelope                                                 */
    float descent_max;         /* m/s, envelope                                                   */
    float slew_max;            /* largest change of a command in one tick                         */
    float command_deadline;    /* s after the tick's start until which the owner's command is awaited */
    float pilot_timeout;       /* s                                                               */
    float landing_speed;       /* m/s                                                             */
    float climb_max;           /* m/s                                                             */
    uint32_t hold_ticks;       /* ticks that a command is held before standby or failsafe         */
    uint32_t miss_limit;       /* deadlines missed in a row that end a probation                  */
    uint32_t settle_ticks;     /* ticks in step before a switch is granted                        */
    da_board_receiver receiver;
} da_board;
DA_ASSERT_SIZE(da_board, 600);

/* ---------------------------------------------------------------------------------------------
 * Checksum of queue bodies and of the board, for those who include this header.
 * ------------------------------------------------------------------------------------------- */
DA_NO_ALLOCATION uint32_t da_crc32c(const void *bytes, uint64_t count);

/* IEEE square root as one instruction: a name of our own because Swift's reaches an unannotated C function, and
 * clang's own builtin because the C one may call libm for errno's sake. */
DA_NO_ALLOCATION static inline float da_square_root(float x) {
#if defined(__clang__)
    return __builtin_elementwise_sqrt(x);
#else
    return __builtin_sqrtf(x);
#endif
}

#endif
