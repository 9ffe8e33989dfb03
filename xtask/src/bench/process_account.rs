//! What a process used, from the kernel's own accounting.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// Processor time of a process, all its threads and system calls included.
///
/// # Errors
///
/// If there is no such process.
pub(super) fn processor_time(pid: u32) -> anyhow::Result<Duration> {
    let stat = read(pid, "stat")?;
    let ticks = ticks(&stat).with_context(|| format!("/proc/{pid}/stat is not understood"))?;
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_nanos(ticks * (1_000_000_000 / per_second)))
}

/// Seconds of processor time since `before`.
///
/// # Errors
///
/// If there is no such process.
pub(super) fn used_since(pid: u32, before: Duration) -> anyhow::Result<f64> {
    Ok(processor_time(pid)?.saturating_sub(before).as_secs_f64())
}

/// What lies in memory of a process now, in KiB.
///
/// # Errors
///
/// If there is no such process.
pub(super) fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let status = read(pid, "status")?;
    kib(&status, "VmRSS").with_context(|| format!("/proc/{pid}/status tells no VmRSS"))
}

/// The most that lay in memory since [`forget_peak`], in KiB.
///
/// # Errors
///
/// If there is no such process.
pub(super) fn peak_kib(pid: u32) -> anyhow::Result<u64> {
    let status = read(pid, "status")?;
    kib(&status, "VmHWM").with_context(|| format!("/proc/{pid}/status tells no VmHWM"))
}

/// Lets the peak begin anew at what lies in memory now.
///
/// # Errors
///
/// If there is no such process, or it is another user's.
pub(super) fn forget_peak(pid: u32) -> anyhow::Result<()> {
    let path = format!("/proc/{pid}/clear_refs");
    fs::write(&path, "5").with_context(|| format!("cannot write {path}"))
}

/// The process itself if it has no children, else its first child: nginx's worker of its master.
///
/// # Errors
///
/// If there is no such process.
pub(super) fn worker_of(pid: u32) -> anyhow::Result<u32> {
    let children = read(pid, &format!("task/{pid}/children"))?;
    Ok(children.split_whitespace().next().and_then(|child| child.parse().ok()).unwrap_or(pid))
}

fn read(pid: u32, name: &str) -> anyhow::Result<String> {
    let path = format!("/proc/{pid}/{name}");
    fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
}

/// User and system ticks: fields 14 and 15. The name in field 2 may hold spaces and brackets, so
/// counting starts behind its last bracket.
fn ticks(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn kib(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let rest = "S 1 2 3 0 -1 4194560 100 0 7 0 250 41 9 9 20 0 3 0 99 1000 200";
        let cases = [
            (format!("12 (cloakroom) {rest}"), Some(291)),
            (format!("12 (tokio-rt) worker)) {rest}"), Some(291)),
            (format!("12 (a 1 2 3 4) {rest}"), Some(291)),
            ("12 (cloakroom) S 1 2 3".to_owned(), None),
            ("12 cloakroom S 1 2 3 0 -1 4 1 0 7 0 2 4".to_owned(), None),
            (String::new(), None),
        ];
        for (stat, expected) in cases {
            assert_eq!(ticks(&stat), expected, "{stat:?}");
        }
    }

    #[test]
    fn memory_is_read_by_its_whole_name() {
        let status = "Name:\tcloakroom\nVmHWM:\t  9000 kB\nVmRSSX:\t 1 kB\nVmRSS:\t  4212 kB\n";
        assert_eq!(kib(status, "VmRSS"), Some(4212));
        assert_eq!(kib(status, "VmSwap"), None);
        assert_eq!(kib("VmRSS:\t12 MB\n", "VmRSS"), None);
    }

    #[test]
    fn this_process_has_used_time_and_memory() {
        let began = processor_time(std::process::id()).unwrap();
        let mut sum = 0_u64;
        while processor_time(std::process::id()).unwrap() == began {
            sum = sum.wrapping_add((0..10_000).sum());
        }
        assert!(sum > 0);
        assert!(resident_kib(std::process::id()).unwrap() > 100);
        assert_eq!(worker_of(std::process::id()).unwrap(), std::process::id());
        assert!(processor_time(u32::MAX).is_err());
    }
}
