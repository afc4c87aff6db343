//! Who is who: the code that somebody enters on GitHub, how that ended, and the
//! mention of those whose commits are live.

use std::time::Duration;

use deploy_proto::v1::{Link, LinkState, Person, RemoveLinkResponse, Request};
use jiff::Timestamp;

use super::{
    block::{Message, Mrkdwn},
    error::{self, Hindrance, said},
    text::{NAME, bold, code, commit, joined, line, lines, link, mention, name, repository},
    time,
};
use crate::words::Words;

/// Longest login that GitHub gives out.
const LOGIN: usize = 39;
/// How many of those are named who are not mentioned.
const NAMED: usize = 10;

/// Somebody who wrote what is live.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    /// Who, as Slack and GitHub know them.
    pub(crate) person: Person,
    /// They are named and not mentioned.
    pub(crate) is_muted: bool,
}

impl Named {
    /// Somebody whom Slack does not know.
    pub(crate) fn only(name: &str) -> Self {
        Self {
            person: Person {
                name: name.to_owned(),
                ..Person::default()
            },
            is_muted: false,
        }
    }

    fn is_mentioned(&self) -> bool {
        !self.is_muted && !self.person.slack.is_empty()
    }
}

/// To one person alone: what to enter on GitHub, and where.
pub(crate) fn link_code(words: Words, told: &Link, now: Timestamp) -> Message {
    let until = time::moment(told.expires_at.as_ref()).unwrap_or(now);
    let at = time::clock(words, until, now);
    let page = link(&told.verification_url, words.people_page());
    let text = words.people_code(login(&told.login), code(&told.user_code, 20), page, at);
    said(words, text)
}

/// In place of the words that it takes long: the code is shown.
pub(crate) fn link_code_shown(words: Words) -> Message {
    said(words, words.people_code_shown())
}

/// The code could be shown to them directly alone.
pub(crate) fn link_code_sent(words: Words) -> Message {
    said(words, words.people_code_sent())
}

/// The code could be shown to them nowhere.
pub(crate) fn link_code_not_shown(words: Words, told: &Link) -> Message {
    let again = line(&format!("link {}", told.login));
    said(words, words.people_code_not_shown(again))
}

/// How a link ended; none while it has not.
pub(crate) fn link_end(words: Words, told: &Link) -> Option<Message> {
    let who = mention(words, told.person.as_ref());
    let claimed = login(&told.login);
    let again = |login: &str| line(&format!("link {login}"));
    let text = match told.state() {
        LinkState::Unspecified | LinkState::Waiting => return None,
        LinkState::Linked => words.people_linked(who, claimed),
        LinkState::OtherLogin => words.people_other_login(
            who,
            login(&told.proved_login),
            claimed,
            again(&told.proved_login),
            again(&told.login),
        ),
        LinkState::Denied => words.people_denied(who, claimed, again(&told.login)),
        LinkState::Expired => words.people_expired(who, claimed, again(&told.login)),
        LinkState::Replaced => words.people_replaced(who, claimed),
        LinkState::NotSetUp => words.people_not_set_up(),
        LinkState::Withdrawn => words.people_withdrawn(who, claimed),
        LinkState::Lost => words.people_lost(who, claimed, again(&told.login)),
    };
    Some(said(words, text))
}

/// Which account is forgotten, and which link withdrawn; there may have been none.
pub(crate) fn unlinked(words: Words, told: &RemoveLinkResponse) -> Message {
    let is_forgotten = !told.login.is_empty();
    let forgotten = is_forgotten.then(|| words.people_unlinked(login(&told.login)));
    let withdrawn = told.under_way.then(|| words.people_link_ended());
    let newer = told.outdated.then(|| words.notice_outdated_in_part());
    let text = match (is_forgotten || told.under_way, told.outdated) {
        (false, false) => words.people_nothing_to_unlink(line("link <github login>")),
        (false, true) => words.notice_outdated(),
        (true, _) => lines([forgotten, withdrawn, newer].into_iter().flatten()),
    };
    said(words, text)
}

/// Whether somebody is mentioned from now on.
pub(crate) fn mentions_set(words: Words, muted: bool) -> Message {
    let text = match muted {
        true => words.people_muted(line("unmute")),
        false => words.people_unmuted(),
    };
    said(words, text)
}

/// It was asked for as long as it makes sense; `wanted` is what to say again.
pub(crate) fn asked_in_vain(
    words: Words,
    hindrance: &Hindrance,
    after: Duration,
    wanted: &str,
) -> Message {
    let why = error::why(words, hindrance);
    let after = time::wait(words, after);
    said(words, words.people_given_up(why, after, line(wanted)))
}

/// To those who wrote what is live; none where nobody is to be mentioned.
pub(crate) fn commits_live(words: Words, request: &Request, authors: &[Named]) -> Option<Message> {
    authors.iter().find(|named| named.is_mentioned())?;
    // A mention is short, and a name as long as somebody likes.
    let mut names = 0;
    let who = authors.iter().filter_map(|named| {
        let person = Some(&named.person);
        if named.is_mentioned() {
            return Some(mention(words, person));
        }
        names += 1;
        (names <= NAMED).then(|| name(words, person))
    });
    let who = joined(", ", who);
    let who = match names.saturating_sub(NAMED) {
        0 => who,
        more => words.text_and_more(who, more),
    };
    let live = request.commit.as_ref().map(commit).unwrap_or_default();
    let text = words.people_commits_live(
        who,
        repository(&request.repository),
        live,
        bold(&request.environment, NAME),
    );
    Some(said(words, text))
}

fn login(login: &str) -> Mrkdwn {
    bold(login, LOGIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixtures::{self, EN, KO};

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn ended(state: LinkState) -> Link {
        Link {
            person: fixtures::person("U1MINJI", "Minji"),
            login: "minji".to_owned(),
            state: state.into(),
            proved_login: match state {
                LinkState::OtherLogin => "joon".to_owned(),
                _ => String::new(),
            },
            ..Link::default()
        }
    }

    fn ends(words: Words) -> String {
        let states = (0..).map_while(|number| LinkState::try_from(number).ok());
        let told =
            states.filter_map(|state| Some(link_end(words, &ended(state))?.text.to_string()));
        told.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn each_end_says_what_to_do() {
        insta::assert_snapshot!(ends(EN), @"
        ✅ <@U1MINJI> is *minji* on GitHub.
        ❌ <@U1MINJI>: GitHub says that you are *joon*, not *minji*, so nothing is linked. If you are *joon*: `@deploybot link joon`. If not, sign in to GitHub as *minji* and say `@deploybot link minji` again.
        ❌ <@U1MINJI>: you cancelled on GitHub, so *minji* is not linked. To try again: `@deploybot link minji`
        ❌ <@U1MINJI>: the code for *minji* is not valid any more, and GitHub has not confirmed the account, so nothing is linked. For a new code: `@deploybot link minji`
        <@U1MINJI>: the code for *minji* no longer counts: use the one that you asked for after it.
        ❓ I can't ask GitHub who people are: whoever runs deploybot has to set up a GitHub App for that (`DEPLOY_GITHUB_CLIENT_ID`), or can name your account in a table (`DEPLOYBOT_PEOPLE_FILE`).
        <@U1MINJI>: the code for *minji* no longer counts: you have said `unlink` since.
        ❌ <@U1MINJI>: GitHub's answer that would tell who you are was lost, so *minji* is not linked. To begin anew: `@deploybot link minji`
        ");
    }

    #[test]
    fn each_end_is_told_in_korean() {
        insta::assert_snapshot!(ends(KO), @"
        ✅ <@U1MINJI> 님의 GitHub 계정으로 *minji* 계정을 연결했어요.
        ❌ <@U1MINJI> 님, GitHub에서는 *minji* 계정이 아니라 *joon* 계정이라고 해서 아무것도 연결하지 않았어요. *joon* 계정이 맞다면: `@deploybot link joon`. 아니라면 GitHub에 *minji* 계정으로 로그인한 뒤 `@deploybot link minji` 명령을 다시 쓰세요.
        ❌ <@U1MINJI> 님, GitHub에서 취소하셔서 *minji* 계정을 연결하지 않았어요. 다시 하려면: `@deploybot link minji`
        ❌ <@U1MINJI> 님, *minji* 계정의 코드가 더 이상 유효하지 않고 GitHub가 계정을 확인해 주지 않아서 아무것도 연결하지 않았어요. 새 코드를 받으려면: `@deploybot link minji`
        <@U1MINJI> 님, *minji* 계정의 코드는 이제 쓸 수 없어요. 나중에 받은 코드를 쓰세요.
        ❓ 누가 누구인지 GitHub에 물어볼 수 없어요. deploybot 운영자가 GitHub App을 설정하거나(`DEPLOY_GITHUB_CLIENT_ID`), 계정을 표에 적어 줄 수 있어요(`DEPLOYBOT_PEOPLE_FILE`).
        <@U1MINJI> 님, 그 뒤에 `unlink` 명령을 쓰셔서 *minji* 계정의 코드는 이제 쓸 수 없어요.
        ❌ <@U1MINJI> 님, 누구인지 알려 주는 GitHub의 응답을 받지 못해서 *minji* 계정을 연결하지 않았어요. 처음부터 다시 하려면: `@deploybot link minji`
        ");
    }

    #[test]
    fn a_code_is_shown_with_its_page_and_its_end() {
        let told = Link {
            login: "minji".to_owned(),
            state: LinkState::Waiting.into(),
            user_code: "WDJB-MJHT".to_owned(),
            verification_url: "https://github.com/login/device".to_owned(),
            expires_at: Some(prost_types::Timestamp {
                seconds: 1_800_000_900,
                nanos: 0,
            }),
            ..Link::default()
        };
        insta::assert_snapshot!(link_code(EN, &told, NOW).text, @"🔗 To show that *minji* on GitHub is you, enter the code `WDJB-MJHT` on <https://github.com/login/device|this page> by <!date^1800000900^{time}|08:15 UTC>. I ask GitHub once who you are and keep nothing but that. Only you can see this; give the code to nobody.");
        insta::assert_snapshot!(link_code(KO, &told, NOW).text, @"🔗 GitHub의 *minji* 계정이 본인 것임을 확인해 주세요. <https://github.com/login/device|코드를 입력하는 페이지> · 코드: `WDJB-MJHT` · 기한: <!date^1800000900^{time}|08:15(UTC)>. GitHub에 누구인지 한 번만 확인하고 그 밖에는 아무것도 남기지 않아요. 이 메시지는 본인에게만 보여요. 코드를 아무에게도 알려 주지 마세요.");
        // A page that is none is no link.
        let odd = Link {
            verification_url: "javascript:alert(1)".to_owned(),
            user_code: "<!channel>`*".to_owned(),
            ..told
        };
        insta::assert_snapshot!(link_code(EN, &odd, NOW).text, @"🔗 To show that *minji* on GitHub is you, enter the code `&lt;!channel&gt;ˋ*` on this page by <!date^1800000900^{time}|08:15 UTC>. I ask GitHub once who you are and keep nothing but that. Only you can see this; give the code to nobody.");
    }

    fn forgotten(login: &str, under_way: bool, outdated: bool) -> RemoveLinkResponse {
        RemoveLinkResponse {
            login: login.to_owned(),
            under_way,
            outdated,
        }
    }

    #[test]
    fn what_is_set_is_told() {
        let told = [
            unlinked(EN, &forgotten("minji", false, false)),
            unlinked(EN, &forgotten("", true, false)),
            unlinked(EN, &forgotten("minji", true, true)),
            unlinked(EN, &forgotten("", false, true)),
            unlinked(EN, &forgotten("", false, false)),
            mentions_set(EN, true),
            mentions_set(EN, false),
            link_code_shown(EN),
            link_code_sent(EN),
            asked_in_vain(
                EN,
                &Hindrance::Unreachable,
                Duration::from_secs(300),
                "link minji",
            ),
        ];
        let told = told.map(|message| message.text.to_string());
        insta::assert_snapshot!(told.join("\n"), @"
        ✔ I no longer know you as *minji* on GitHub.
        ✔ The link that was under way is withdrawn, and its code no longer counts.
        ✔ I no longer know you as *minji* on GitHub.
        ✔ The link that was under way is withdrawn, and its code no longer counts.
        What was asked for after this holds.
        ✔ Something else was asked for after this, and that holds: nothing was changed.
        You have not linked a GitHub account, so there is nothing to forget. To link one: `@deploybot link &lt;github login&gt;`
        🔕 I will not mention you when your commits are live. To be mentioned again: `@deploybot unmute`
        🔔 I will mention you when your commits are live.
        ✔ I have shown a code to you alone: enter it on GitHub.
        ✔ I have sent the code to you in a direct message: enter it on GitHub.
        ⚠️ The deploy service does not answer. I have asked for 5 min and stopped now. When that is over, say `@deploybot link minji` again.
        ");
    }

    #[test]
    fn who_is_muted_or_not_known_is_named_and_not_mentioned() {
        let named = |slack: &str, name: &str, is_muted| Named {
            person: fixtures::person(slack, name).unwrap_or_default(),
            is_muted,
        };
        let request = fixtures::request(deploy_proto::v1::RequestState::Succeeded);
        let all = [
            named("U1MINJI", "Minji", false),
            named("U1JOON", "Joon <!here>", true),
            Named::only("dana"),
        ];
        let told = commits_live(EN, &request, &all).expect("one is mentioned");
        insta::assert_snapshot!(told.text, @"🎉 Live in *production*: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>`, with commits by <@U1MINJI>, Joon &lt;!here&gt;, dana");
        let told = commits_live(KO, &request, &all).expect("one is mentioned");
        insta::assert_snapshot!(told.text, @"🎉 *production* 환경에 배포됐어요: *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` · 커밋 작성자: <@U1MINJI>, Joon &lt;!here&gt;, dana");
        assert_eq!(commits_live(EN, &request, &all[1..]), None);
        assert_eq!(commits_live(EN, &request, &[]), None);
    }
}
