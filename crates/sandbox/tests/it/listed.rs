//! What the Slack app's manifest lists.

pub(crate) const MANIFEST: &str = include_str!("../../../../deploy/slack-app.yaml");

/// The items of a list of the manifest, by the key that it stands under.
pub(crate) fn listed(key: &str) -> impl Iterator<Item = &'static str> {
    let lines = MANIFEST.lines().map(str::trim);
    let key = format!("{key}:");
    let items = lines.skip_while(move |line| *line != key).skip(1);
    items
        .filter(|line| !line.starts_with('#'))
        .map_while(|line| line.strip_prefix("- "))
}
