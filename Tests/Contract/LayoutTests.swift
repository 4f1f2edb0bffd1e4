import CContract
import Contract
import Testing

/// The bytes on the wire, written out: whoever speaks from the page alone reads these offsets there.
@Suite struct LayoutTests {
    private func expect<Root>(_ type: Root.Type, size: Int, _ fields: [(PartialKeyPath<Root>, Int)]) {
        #expect(MemoryLayout<Root>.size == size && MemoryLayout<Root>.stride == size)
        for (field, offset) in fields { #expect(MemoryLayout<Root>.offset(of: field) == offset, "\(type) \(field)") }
        #expect(fields.map(\.1) == fields.map(\.1).sorted())
    }

    @Test func framesOfTheTickSocket() {
        expect(da_header.self, size: 8, [(\.magic, 0), (\.version, 2), (\.kind, 3), (\.size, 4)])
        expect(da_hello.self, size: 72, [(\.header, 0), (\.name, 8), (\.version, 40)])
        expect(
            da_vehicle.self, size: 88,
            [
                (\.mass, 0), (\.inertia, 4), (\.motor_x, 16), (\.motor_y, 32), (\.spin, 48), (\.thrust_max, 64),
                (\.moment_ratio, 68), (\.rotor_lag, 72), (\.tilt_limit, 76), (\.command_idle, 80), (\.reserved, 84),
            ])
        expect(
            da_welcome.self, size: 112,
            [(\.header, 0), (\.tick_rate, 8), (\.instance, 12), (\.board_hash, 16), (\.vehicle, 24)])
        expect(da_setpoint.self, size: 16, [(\.roll, 0), (\.pitch, 4), (\.yaw_rate, 8), (\.climb, 12)])
        expect(
            da_sample.self, size: 136,
            [
                (\.header, 0), (\.tick, 8), (\.scheduled_ns, 16), (\.sensed_ns, 24), (\.owner_epoch, 32),
                (\.your_epoch, 40), (\.gyro, 48), (\.accel, 60), (\.pressure, 72), (\.temperature, 76),
                (\.battery_voltage, 80), (\.battery_current, 84), (\.applied, 88), (\.applied_tick, 104),
                (\.setpoint, 112), (\.mode, 128), (\.source, 129), (\.flags, 130), (\.reserved, 131),
            ])
        expect(
            da_command.self, size: 80,
            [
                (\.header, 0), (\.tick, 8), (\.sample_ns, 16), (\.epoch, 24), (\.state_tick, 32), (\.motor, 40),
                (\.free, 56), (\.flags, 72), (\.reserved, 76),
            ])
    }

    @Test func framesOfTheQueue() {
        expect(
            da_queue_header.self, size: 32,
            [(\.header, 0), (\.sequence, 8), (\.tick, 16), (\.count, 24), (\.checksum, 28)])
        expect(
            da_channel_offer.self, size: 48,
            [
                (\.name, 0), (\.schema, 32), (\.kind, 34), (\.form, 35), (\.bytes, 36), (\.rate, 40), (\.pace, 44),
            ])
        expect(
            da_channel_need.self, size: 48,
            [
                (\.name, 0), (\.schema_min, 32), (\.schema_max, 34), (\.kind, 36), (\.required, 37), (\.form, 38),
                (\.reserved, 39), (\.settle_ms, 40), (\.bytes, 44),
            ])
        expect(da_block_run.self, size: 40, [(\.name, 0), (\.first, 32), (\.count, 36)])
        expect(da_channel_state.self, size: 40, [(\.name, 0), (\.schema, 32), (\.reserved, 34), (\.bytes, 36)])
        expect(da_introduction.self, size: 64, [(\.name, 0), (\.version, 32)])
        expect(da_stream.self, size: 8, [(\.interval, 0), (\.window, 4)])
        expect(da_command_record.self, size: 40, [(\.tick, 0), (\.sample_ns, 8), (\.epoch, 16), (\.motor, 24)])
    }

    @Test func framesOfTheControlSocket() {
        expect(
            da_request.self, size: 176,
            [
                (\.header, 0), (\.operation, 8), (\.flags, 12), (\.name, 16), (\.path, 48), (\.setpoint, 152),
                (\.value, 168), (\.ticks, 172),
            ])
        expect(
            da_instance_status.self, size: 120,
            [
                (\.name, 0), (\.answered_tick, 32), (\.state_tick, 40), (\.in_step_since, 48), (\.answered, 56),
                (\.late, 64), (\.refused, 72), (\.dropped, 80), (\.divergence, 88), (\.rate_divergence, 92),
                (\.gain, 96), (\.pid, 112), (\.role, 116), (\.settled, 117), (\.gain_known, 118), (\.reserved, 119),
            ])
        expect(
            da_status.self, size: 640,
            [
                (\.tick, 0), (\.now_ns, 8), (\.owner_epoch, 16), (\.reserved_epoch, 24), (\.switch_tick, 32),
                (\.way_back_tick, 40), (\.board_hash, 48), (\.ticks_skipped, 56), (\.ticks_late, 64),
                (\.ticks_held, 72), (\.ticks_failsafe, 80), (\.writes_failed, 88), (\.reads_failed, 96),
                (\.stale_refused, 104), (\.tilt, 112), (\.roll, 116), (\.pitch, 120), (\.altitude, 124), (\.climb, 128),
                (\.rate, 132), (\.battery_voltage, 136), (\.bus_load, 140), (\.tick_rate, 144),
                (\.arming_refused, 148), (\.mode, 152), (\.source, 153), (\.cause, 154), (\.in_probation, 155),
                (\.switch_pending, 156), (\.on_ground, 157), (\.realtime, 158), (\.bus_slow, 159), (\.instance, 160),
            ])
        expect(
            da_reply.self, size: 912, [(\.header, 0), (\.refused, 8), (\.reserved, 12), (\.text, 16), (\.status, 272)])
    }

    @Test func theBoard() {
        expect(da_board_line.self, size: 8, [(\.offset, 0), (\.active_low, 4), (\.reserved, 5)])
        expect(
            da_board_receiver.self, size: 32,
            [
                (\.offset, 0), (\.falling, 4), (\.channel, 5), (\.reversed, 9), (\.failsafe_channel, 10),
                (\.reserved, 11), (\.range, 12), (\.deadband, 24), (\.failsafe_below, 28),
            ])
        expect(
            da_board.self, size: 600,
            [
                (\.magic, 0), (\.version, 4), (\.size, 8), (\.checksum, 12), (\.hash, 16), (\.name, 24),
                (\.bus_device, 56), (\.motor_bus_device, 160), (\.gpio_label, 264), (\.line, 296), (\.bus_speed, 328),
                (\.motor_bus_speed, 332), (\.tick_rate, 336), (\.imu_address, 340), (\.baro_address, 341),
                (\.battery_address, 342), (\.motor_address, 343), (\.imu_rotation, 344), (\.accel_bias, 380),
                (\.accel_scale, 392), (\.motor_channel, 404), (\.pulse_min, 408), (\.pulse_max, 412), (\.pwm_rate, 416),
                (\.pwm_oscillator, 420), (\.battery_shunt, 424), (\.battery_low, 428), (\.battery_critical, 432),
                (\.vehicle, 436), (\.tilt_max, 524), (\.rate_max, 528), (\.descent_max, 532), (\.slew_max, 536),
                (\.command_deadline, 540), (\.pilot_timeout, 544), (\.landing_speed, 548), (\.climb_max, 552),
                (\.hold_ticks, 556), (\.miss_limit, 560), (\.settle_ticks, 564), (\.receiver, 568),
            ])
    }
}
