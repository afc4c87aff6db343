//! Acknowledgements whose connection has ended. Another one takes them to Slack, as
//! in Slack's own libraries (`send` of npm @slack/socket-mode 2, `send_message` of
//! PyPI slack_sdk 3), which acknowledge over the connection that they have at that
//! moment, whichever brought the envelope.

use tokio::sync::{Mutex, mpsc};

use crate::slack::incoming::{Acknowledged, MOST_IN_WORK};

/// Those that wait for a connection.
pub(super) struct Late {
    sender: mpsc::Sender<Acknowledged>,
    waiting: Mutex<mpsc::Receiver<Acknowledged>>,
}

impl Default for Late {
    fn default() -> Self {
        let (sender, waiting) = mpsc::channel(MOST_IN_WORK);
        Self {
            sender,
            waiting: Mutex::new(waiting),
        }
    }
}

impl Late {
    /// Hands one over. Where there is no room for it, Slack delivers its event again.
    pub(super) fn give(&self, acknowledged: Acknowledged) {
        if self.sender.try_send(acknowledged).is_err() {
            tracing::debug!(
                "too much is acknowledged after its connection; Slack delivers it again"
            );
        }
    }

    /// Waits for the next one.
    pub(super) async fn next(&self) -> Acknowledged {
        let next = self.waiting.lock().await.recv().await;
        next.expect("its sender is held right here")
    }
}
