//! What `.github/deploy.yml` may say, and all that it may not.

use super::*;

fn read(text: &str) -> Result<Policy, PolicyError> {
    Policy::read(PolicyFile::Text(text))
}

fn channels(text: &str) -> String {
    let policy = read(text).unwrap();
    let channels = policy.channels();
    let channels: Vec<_> = channels
        .iter()
        .map(|(name, channel)| format!("{name}: {channel}"))
        .collect();
    channels.join(", ")
}

#[test]
fn the_channel_of_an_environment_is_read() {
    let text = "# Who is told.\nenvironments:\n  production:\n    channel: C0123ABC\n  \
                \"Qa / eu\": { channel: 'G98' }\n  staging:\n";
    assert_eq!(read(text).unwrap().environments.len(), 3);
    assert_eq!(channels(text), "production: C0123ABC, Qa / eu: G98");
}

#[test]
fn without_anything_in_it_there_are_no_rules() {
    let nothing = Ok(Policy::default());
    assert_eq!(Policy::read(PolicyFile::Missing), nothing);
    for text in [
        "",
        "\n",
        "# nothing\n",
        "---\n",
        "environments:\n",
        "environments: {}",
        "~",
    ] {
        assert_eq!(read(text), nothing, "{text:?}");
    }
}

#[test]
fn what_cannot_be_read_says_where_and_why() {
    let nested = "a: ".to_owned() + &"[".repeat(50);
    let texts = [
        "enviroments:\n  production: {}\n",
        "environments:\n  production:\n    chanel: C1\n",
        "environments:\n  production:\n    channel: \"#deploys\"\n",
        "environments:\n  production:\n    channel: deploys\n",
        "environments:\n  production:\n    channel: [C01, C02]\n",
        "environments:\n  production:\n    channel:\n",
        "environments:\n  production:\n    channel: C01\n    channel: C02\n",
        "environments:\n  production: {}\n  Production: {}\n",
        "environments: production\n",
        "environments:\n  - production\n",
        "- environments\n",
        "environments:\n  production: &all\n    channel: C01\n  staging: *all\n",
        "environments:\n  production: *all\n",
        "environments: !!map {}\n",
        "environments: {}\n---\nenvironments: {}\n",
        "environments: {\n",
        "environments:\n\tproduction: {}\n",
        "environments:\n  ? [a]\n  : {}\n",
        "environments:\n  \"\": {}\n",
        "environments:\n  production:\n    channel: \u{1F680}\n",
        nested.as_str(),
        "environments:\n  pr\u{fffd}d: {}\n",
    ];
    let said = texts.map(|text| match read(text) {
        Err(error) => error.to_string(),
        Ok(policy) => panic!("{text:?} was read as {policy:?}"),
    });
    insta::assert_snapshot!(said.join("\n"), @"
    .github/deploy.yml, line 1, column 1: there is no key `enviroments`, known is `environments`
    .github/deploy.yml, line 3, column 5: there is no key `chanel`, known is `channel`
    .github/deploy.yml, line 3, column 14: `#deploys` is no channel id: that is like `C0123456789`, and Slack shows it at the end of “View channel details”
    .github/deploy.yml, line 3, column 14: `deploys` is no channel id: that is like `C0123456789`, and Slack shows it at the end of “View channel details”
    .github/deploy.yml, line 3, column 14: `channel` takes the id of one channel
    .github/deploy.yml, line 3, column 12: `channel` takes the id of one channel
    .github/deploy.yml, line 4, column 5: `channel` stands here twice
    .github/deploy.yml, line 3, column 3: `Production` stands here twice
    .github/deploy.yml, line 1, column 15: `environments` takes keys with values
    .github/deploy.yml, line 2, column 3: `environments` takes keys with values
    .github/deploy.yml, line 1, column 1: the file takes keys with values
    .github/deploy.yml, line 2, column 15: anchors and aliases (`&`, `*`) are not read
    .github/deploy.yml, line 2, column 15: it is no YAML (while parsing node, found unknown anchor)
    .github/deploy.yml, line 1, column 15: tags (`!`) are not read
    .github/deploy.yml, line 2, column 1: a second YAML document begins here
    .github/deploy.yml, line 2, column 1: it is no YAML (while parsing a node, did not find expected node content)
    .github/deploy.yml, line 2, column 2: it is no YAML (tabs disallowed within this context (block indentation))
    .github/deploy.yml, line 2, column 5: a key has to be text
    .github/deploy.yml, line 2, column 3: `` can't be an environment
    .github/deploy.yml, line 3, column 14: `🚀` is no channel id: that is like `C0123456789`, and Slack shows it at the end of “View channel details”
    .github/deploy.yml, line 1, column 12: it is nested too deep
    .github/deploy.yml: it is not text in UTF-8
    ");
}

#[test]
fn a_file_that_is_none_is_refused_as_a_whole() {
    let said = [
        PolicyFile::Folder,
        PolicyFile::Unreadable { bytes: 100 },
        PolicyFile::Unreadable { bytes: 700_000 },
        PolicyFile::Text(&"# long\n".repeat(10_000)),
    ]
    .map(|file| Policy::read(file).unwrap_err().to_string());
    insta::assert_snapshot!(said.join("\n"), @"
    .github/deploy.yml: it is a folder, not a file
    .github/deploy.yml: it is not text in UTF-8
    .github/deploy.yml: it is longer than 64 KiB
    .github/deploy.yml: it is longer than 64 KiB
    ");
}

#[test]
fn a_bomb_is_no_larger_than_its_text() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b]\n";
    let error = read(bomb).unwrap_err();
    assert_eq!(
        (error.at, error.problem),
        (Some((1, 4)), PolicyProblem::Anchor)
    );
}

#[test]
fn what_editors_add_is_no_part_of_it() {
    let text = "\u{feff}environments:\r\n  production:\r\n    channel: C0123ABC\r\n";
    assert_eq!(channels(text), "production: C0123ABC");
}
