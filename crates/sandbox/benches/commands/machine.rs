//! How much of the machine there was to measure with: of a virtual one, others
//! may take a part while it runs.

/// The times of all processors since the machine began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    all: u64,
    stolen: u64,
}

impl Times {
    /// Until now; none where the machine does not tell.
    pub(crate) fn now() -> Option<Self> {
        Self::read(&std::fs::read_to_string("/proc/stat").ok()?)
    }

    /// The first line has them, that of other machines as the eighth:
    /// <https://docs.kernel.org/filesystems/proc.html>, section 1.7.
    fn read(stat: &str) -> Option<Self> {
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let times: Result<Vec<u64>, _> = line.split_whitespace().take(8).map(str::parse).collect();
        let times = times.ok()?;
        Some(Self {
            all: times.iter().sum(),
            stolen: *times.get(7)?,
        })
    }

    /// What others took since then, in percent of all that there was.
    pub(crate) fn stolen_since(self, then: Self) -> f64 {
        let all = self.all.saturating_sub(then.all);
        self.stolen.saturating_sub(then.stolen) as f64 * 100.0 / all.max(1) as f64
    }
}
