//! The lock file beside the journal: who holds it may open the journal. The
//! operating system lets go of it when the process ends, however it ends.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::store::Error;

/// The right to open a journal; given back when dropped.
#[derive(Debug)]
pub(super) struct Ownership(File);

impl Ownership {
    /// Takes it, waiting up to `patience` for another process to let go.
    pub(super) async fn take(journal: &Path, patience: Duration) -> Result<Self, Error> {
        let path = lock_path(journal);
        let failed = |source| Error::Lock {
            path: path.clone(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let end = Instant::now() + patience;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                    return Err(Error::InUse);
                }
                Err(TryLockError::WouldBlock) => {
                    if !told {
                        tracing::info!("another process has the journal; waiting for it to end");
                        told = true;
                    }
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Gives it back before the last handle goes.
    pub(super) fn release(&self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "cannot unlock the journal; it is freed when the process ends");
        }
    }
}

/// SQLite keeps locks of its own on the journal's file and loses them when
/// anyone in the process opens and closes that file; hence a file beside it.
fn lock_path(journal: &Path) -> PathBuf {
    let mut path = OsString::from(journal);
    path.push(".lock");
    PathBuf::from(path)
}
