//! What `status` and `history` tell of the seeded repositories, whole.

use serde_json::Value;

use crate::{
    channel::{Channel, shown},
    journals::{Journal, on, on_both},
    quick, start,
};

on_both! {
    status_tells_what_runs_where,
    status_tells_what_is_live_beyond_the_list,
    status_names_the_check_that_failed,
    status_tells_up_to_fifty_commits,
    history_tells_what_was_deployed,
    history_tells_the_newest_of_one_environment,
}

/// Each commit with its checks and where it is live, and each environment with
/// what is live and how far that is behind.
async fn status_tells_what_runs_where(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let (people, _) = channel.asks("@deploybot status people", "newest 5").await;
    let told = plainly(&channel, "people", &people).await;
    insta::allow_duplicates! {
        insta::assert_snapshot!(told, @"
        *people* · main · newest 5 · as of (date)
        Deploy…
        ✅ `sha of 15` Greet whoever comes by (#15) · minji · 1 h ago · checks passed · ● *staging*
        Deploy…
        ✅ `sha of 14` Round the edges (#14) · joon · 5 h ago · checks passed
        Deploy…
        ✅ `sha of 13` Say what the page is in its title (#13) · bora · yesterday · checks passed · ● *production*
        Deploy…
        ✅ `sha of 12` Write the dots as the linter wants them (#12) · minji · 2 days ago · checks passed
        ❌ `sha of 11` Mark every name with a dot (#11) · minji · 2 days ago · checks failed: lint
        *production* is 2 commits behind main · `sha of 13` Say what the page is in its title (#13) · since (date) · open
        *staging* is up to date · `sha of 15` Greet whoever comes by (#15) · since (date) · open
        ");
    }
    sandbox.shutdown().await;
}

/// What is live is told with its place on the branch also when the list does
/// not reach so far.
async fn status_tells_what_is_live_beyond_the_list(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let (people, _) = channel
        .asks("@deploybot status people 1", "newest commit")
        .await;
    let told = plainly(&channel, "people", &people).await;
    insta::allow_duplicates! {
        insta::assert_snapshot!(told, @"
        *people* · main · newest commit · as of (date)
        Deploy…
        ✅ `sha of 15` Greet whoever comes by (#15) · minji · 1 h ago · checks passed · ● *staging*
        *production* is 2 commits behind main · `sha of 13` Say what the page is in its title (#13) · since (date) · open
        *staging* is up to date · `sha of 15` Greet whoever comes by (#15) · since (date) · open
        ");
    }
    let control = sandbox.github().control();
    assert_eq!(control.counts()["POST /api/graphql Status"], 1);
    sandbox.shutdown().await;
}

/// A check that failed is named.
async fn status_names_the_check_that_failed(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let (web, _) = channel.asks("@deploybot status web 2", "newest 2").await;
    let told = plainly(&channel, "web", &web).await;
    insta::allow_duplicates! {
        insta::assert_snapshot!(told, @"
        *web* · main · newest 2 · as of (date)
        ❌ `sha of 12` Try a brighter head (#12) · joon · 3 h ago · checks failed: lint
        Deploy…
        ✅ `sha of 11` Say where we are (#11) · minji · yesterday · checks passed · ● *staging*
        *production* is 3 commits behind main · `sha of 9` Set a width that reads well (#9) · since (date) · open
        *staging* is 1 commit behind main · `sha of 11` Say where we are (#11) · since (date) · open
        ");
    }
    sandbox.shutdown().await;
}

/// All that the branch has, where it has fewer than were asked for.
async fn status_tells_up_to_fifty_commits(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let (people, _) = channel
        .asks("@deploybot status people 50", "newest 15")
        .await;
    let rows = plainly(&channel, "people", &people).await;
    for number in 1..=15 {
        assert!(rows.contains(&format!("(#{number})")), "{number}: {rows}");
    }
    sandbox.shutdown().await;
}

/// Per environment, newest first: state, time, duration, commit, who, kind.
async fn history_tells_what_was_deployed(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let (people, words) = channel
        .asks("@deploybot history people", "deployments")
        .await;
    let told = plainly(&channel, "people", &people).await;
    insta::allow_duplicates! {
        insta::assert_snapshot!(told, @"
        *people* · deployments · as of (date)
        *production*
        ✅ `sha of 13` Say what the page is in its title (#13) · (date) · succeeded in 45 s · bora · *live* · log
        ✅ `sha of 10` Use the system's font (#10) · (date) · succeeded in 40 s · joon · log
        ↩️ `sha of 8` rollback after `sha of 9` · (date) · succeeded in 48 s · joon · log
        ✅ `sha of 9` Try a serif font (#9) · (date) · succeeded in 43 s · joon · log
        ✅ `sha of 8` Follow the reader's dark mode (#8) · (date) · succeeded in 51 s · bora · log
        ❌ `sha of 8` Follow the reader's dark mode (#8) · (date) · failed after 1 min 10 s · bora · log
        ✅ `sha of 5` Add Minji to the team page (#5) · (date) · succeeded in 49 s · minji · log
        ✅ `sha of 4` Deploy when a deployment is created (#4) · (date) · succeeded in 44 s · bora · log
        *staging*
        ✅ `sha of 15` Greet whoever comes by (#15) · (date) · succeeded in 50 s · minji · *live* · log
        ✅ `sha of 8` Follow the reader's dark mode (#8) · (date) · succeeded in 41 s · bora · log
        ✅ `sha of 4` Deploy when a deployment is created (#4) · (date) · succeeded in 39 s · bora · log
        ");
    }
    let (_, production) = words.split_once("*production*").unwrap();
    let (production, staging) = production.split_once("*staging*").unwrap();
    assert!(newest_first(&dates(production), 8), "{production}");
    assert!(newest_first(&dates(staging), 3), "{staging}");
    sandbox.shutdown().await;
}

/// One environment alone, and no more of it than asked for.
async fn history_tells_the_newest_of_one_environment(journal: Journal) {
    let (sandbox, channel) = start(on(&journal, quick())).await;
    let (people, _) = channel
        .asks("@deploybot history people production 2", "deployments")
        .await;
    let told = plainly(&channel, "people", &people).await;
    insta::allow_duplicates! {
        insta::assert_snapshot!(told, @"
        *people* · deployments · as of (date)
        *production*
        ✅ `sha of 13` Say what the page is in its title (#13) · (date) · succeeded in 45 s · bora · *live* · log
        ✅ `sha of 10` Use the system's font (#10) · (date) · succeeded in 40 s · joon · log
        … there are older ones: `@deploybot history people production 10`
        ");
    }
    sandbox.shutdown().await;
}

/// The moments in a text, in their order.
fn dates(words: &str) -> Vec<i64> {
    let second = |date: &str| date.split('^').next().unwrap().parse().unwrap();
    words.split("<!date^").skip(1).map(second).collect()
}

fn newest_first(dates: &[i64], number: usize) -> bool {
    dates.len() == number && dates.is_sorted_by(|newer, older| newer > older)
}

/// What a message shows, with links as their labels, moments as `(date)`, and
/// commits by the number in their headline.
async fn plainly(channel: &Channel, repository: &str, message: &Value) -> String {
    let mut words = unlinked(&shown(message));
    let commits = channel
        .github(&format!("{repository}/commits?per_page=100"))
        .await;
    for commit in commits.as_array().unwrap() {
        let sha = commit["sha"].as_str().unwrap();
        let headline = commit["commit"]["message"].as_str().unwrap();
        let headline = headline.lines().next().unwrap();
        let number = headline.rsplit_once("(#").unwrap().1.trim_end_matches(')');
        words = words.replace(&sha[..7], &format!("sha of {number}"));
    }
    words
}

/// `<address|label>` as its label.
fn unlinked(words: &str) -> String {
    let mut pieces = words.split('<');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (link, after) = piece.split_once('>').unwrap();
        let label = match link.split_once('|') {
            Some(_) if link.starts_with("!date") => "(date)",
            Some((_, label)) => label,
            None => link,
        };
        plain.push_str(label);
        plain.push_str(after);
    }
    plain
}
