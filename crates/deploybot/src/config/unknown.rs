//! Variables that look like settings and are none.

use clap::CommandFactory as _;

use super::{Flags, Stop, wrong};

/// A variable that begins as ours do and is none of them is a slip: its
/// setting would stay at its default unseen.
pub(super) fn refuse_unknown(
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(), Stop> {
    let command = Flags::command();
    let settings: Vec<&str> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env()?.to_str())
        .collect();
    for (name, value) in variables {
        if !name.starts_with("DEPLOYBOT_")
            || settings.contains(&name.as_str())
            || is_from_kubernetes(&name, &value)
        {
            continue;
        }
        let nearest = settings
            .iter()
            .min_by_key(|setting| strsim::osa_distance(setting, &name))
            .expect("there are settings");
        return Err(wrong(format!(
            "There is no setting {name}: did you mean {nearest}?"
        )));
    }
    Ok(())
}

/// Kubernetes describes every service of a namespace to every container; one
/// that is called `deploybot`, or `deploybot-…`, gives variables that begin as
/// ours do.
fn is_from_kubernetes(name: &str, value: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || (name.ends_with("_PORT") && value.contains("://"))
}
