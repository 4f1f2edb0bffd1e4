import Agent
import CPlatform
import FoundationEssentials

/// The machine that figures are measured on, in a few words.
enum Machine {
    static var description: String {
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model =
            cpu.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last?.trimmed ?? "an unnamed CPU"
        let isVirtual = cpu.contains(" hypervisor")
        let kernel = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        return
            "\(isVirtual ? "a virtual machine with " : "")\(da_cpu_count()) CPUs (\(model)), Linux \(kernel.trimmed)"
    }
}
