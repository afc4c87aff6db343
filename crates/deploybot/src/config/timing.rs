//! How long things are waited for.

use std::time::Duration;

/// How long things are waited for. The operator has no say in it; tests do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// How long a request that is only accepted stays unshown: mostly more is
    /// known within that time, and one message says it all.
    pub accepted_after: Duration,
    /// When a read is acknowledged to Slack although its reply is not out yet.
    /// Slack waits 3 seconds.
    pub read_acknowledged_after: Duration,
    /// How long an event may wait for its acknowledgement: then one that came over
    /// HTTP, counted from its request, is to be delivered again, and no room is kept
    /// for it.
    pub acknowledged_within: Duration,
    /// How long the deploy service may take to journal a request before the
    /// person who waits is told so.
    pub journalled_within: Duration,
    /// How long the deploy service is asked to journal a request before the
    /// person who waits is told that it no longer is.
    pub journalled_at_last: Duration,
    /// Deadline of one call to Slack.
    pub slack_call: Duration,
    /// Deadline of one call to the deploy service.
    pub deploy_call: Duration,
    /// Deadline of a call that claims or records a message: what is said must
    /// not wait long for a deploy service that does not answer.
    pub claim_call: Duration,
    /// How long Slack may go on with a call to post whose answer was lost.
    pub lost_answer: Duration,
    /// How often it is looked whether a message that another process has claimed
    /// is posted.
    pub held_look: Duration,
    /// How long the feed may be silent before it is somebody else who shows it.
    pub served: Duration,
    /// How long an edit may still be under way of a process that followed the
    /// feed before this one.
    pub takeover: Duration,
    /// How long an answer is kept that Slack does not take.
    pub answer_kept: Duration,
    /// How long it is remembered who somebody is to Slack: their name and their
    /// language, which they may change.
    pub profile_kept: Duration,
    /// The same of who is a guest: who has become a member is not refused for long.
    pub guest_kept: Duration,
    /// How many calls to one Slack channel may follow each other at once.
    pub channel_burst: u32,
    /// One more call to a channel is allowed after this time.
    pub channel_interval: Duration,
    /// First wait before something that failed is tried again.
    pub retry_first: Duration,
    /// Longest wait before something that failed is tried again.
    pub retry_most: Duration,
    /// How often the socket is pinged.
    pub ping_every: Duration,
    /// A socket that was silent for so long is dead.
    pub silent_for: Duration,
    /// How long the head of a request may take, counted from its connection.
    pub request_head: Duration,
    /// How long the body of a request may take.
    pub request_body: Duration,
    /// How long work in progress may take to end at shutdown: longer than `takeover`,
    /// which whoever has just begun to show the feed waits for.
    pub drain: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            accepted_after: Duration::from_secs(1),
            read_acknowledged_after: Duration::from_secs(2),
            // Slack waits 3 seconds.
            acknowledged_within: Duration::from_millis(2900),
            // Slack waits 3 seconds.
            journalled_within: Duration::from_secs(2),
            // About as long as Slack delivers again what is not acknowledged.
            journalled_at_last: Duration::from_secs(300),
            slack_call: Duration::from_secs(10),
            deploy_call: Duration::from_secs(10),
            claim_call: Duration::from_secs(3),
            lost_answer: Duration::from_secs(1),
            held_look: Duration::from_secs(1),
            // The deploy service gives it to another after 15 seconds.
            served: Duration::from_secs(10),
            // As long as the deadline of a call to Slack.
            takeover: Duration::from_secs(10),
            answer_kept: Duration::from_secs(2 * 60 * 60),
            profile_kept: Duration::from_secs(60 * 60),
            guest_kept: Duration::from_secs(60),
            channel_burst: 5,
            channel_interval: Duration::from_secs(1),
            retry_first: Duration::from_millis(250),
            retry_most: Duration::from_secs(30),
            ping_every: Duration::from_secs(10),
            silent_for: Duration::from_secs(30),
            // Slack gives up on a delivery after 3 seconds.
            request_head: Duration::from_secs(3),
            request_body: Duration::from_secs(3),
            drain: Duration::from_secs(15),
        }
    }
}
