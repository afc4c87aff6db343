//! Why GitHub refused to make a deployment that the gate had let pass.

use std::fmt;

use super::{RepositoryName, Sha};

/// GitHub's objection, and what to do about it. Written out, it is for people,
/// in English, to be read after words such as "GitHub refused to make the
/// deployment:".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// It merged the default branch first and made none.
    Merged,
    /// It does not accept our token or App.
    NotAccepted,
    /// We may not create deployments there.
    NotPermitted(RepositoryName),
    /// It does not show the repository to us for writing.
    Hidden(RepositoryName),
    /// Checks that are required have not passed.
    Checks(Sha),
    /// The default branch can't be merged into the commit.
    MergeConflict(Sha),
    /// Something stands in the way there.
    Conflict,
    /// It does not find the commit any more.
    CommitGone(Sha),
    /// It calls what is asked invalid.
    Invalid {
        /// Names of fields in its API that it finds fault with; may be empty.
        fields: Vec<String>,
    },
    /// The repository has another name now.
    Moved(RepositoryName),
    /// It answered with this status of HTTP.
    Status(u16),
    /// As an earlier or a later version of this program wrote it down.
    Told(String),
}

/// Who can find out more, and where.
const LOG: &str = "Whoever runs deploybot finds GitHub's reason in its log.";
/// Who can do something about it.
const ACCESS: &str = "Whoever runs deploybot has to give it write access to Deployments there.";

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Merged => {
                f.write_str("it merged the default branch first and made no deployment.")
            }
            Self::NotAccepted => f.write_str(
                "it does not accept deploybot. Whoever runs deploybot has to see to its token or \
                 its App.",
            ),
            Self::NotPermitted(repository) => write!(
                f,
                "deploybot may not create deployments in {repository}. {ACCESS}"
            ),
            Self::Hidden(repository) => write!(
                f,
                "it does not show {repository} to deploybot for writing. {ACCESS}"
            ),
            Self::Checks(sha) => {
                write!(f, "required checks of {} have not passed.", sha.short())
            }
            Self::MergeConflict(sha) => {
                write!(
                    f,
                    "the default branch can't be merged into {}.",
                    sha.short()
                )
            }
            Self::Conflict => write!(f, "something stands in the way there. {LOG}"),
            Self::CommitGone(sha) => write!(
                f,
                "it does not find commit {} any more, which a force-push may have removed. Deploy \
                 another commit.",
                sha.short()
            ),
            Self::Invalid { fields } if fields.is_empty() => {
                write!(f, "it calls it invalid. {LOG}")
            }
            Self::Invalid { fields } => {
                write!(f, "it calls it invalid ({}). {LOG}", fields.join(", "))
            }
            Self::Moved(repository) => {
                write!(f, "{repository} has moved on GitHub. Use its new name.")
            }
            Self::Status(status) => write!(f, "it answered with status {status}. {LOG}"),
            Self::Told(text) => f.write_str(text),
        }
    }
}
