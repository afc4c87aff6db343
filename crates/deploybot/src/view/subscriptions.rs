//! What a channel follows: the answers to `subscribe`, `unsubscribe` and
//! `subscriptions`, and the word to somebody whose channel can't be told anything.

use deploy_proto::v1::{Moment, SubscribeResponse, Subscription, UnsubscribeResponse};

use super::{
    block::{Message, Mrkdwn},
    text::{self, NAME, bold, dotted, joined, line, lines, prose, sections},
};
use crate::{command::RepositoryName, words::Words};

/// How many environments are listed.
const LISTED: usize = 100;
/// How many are named in a sentence.
const NAMED: usize = 10;

/// What is told here from now on.
pub(crate) fn subscribed(
    words: Words,
    answer: &SubscribeResponse,
    asked: &RepositoryName,
) -> Message {
    let now = answer.subscription.clone().unwrap_or_default();
    let followed = words.subscriptions_from_now_on(
        repository(&now.repository),
        bold(&now.environment, NAME),
        moments(words, &now),
    );
    let before = answer.replaced.as_ref();
    let before = before.map(|before| words.subscriptions_until_now(moments(words, before)));
    let called = asked.calls(&now.repository);
    let end = format!("unsubscribe {called} {}", now.environment);
    let others = words.subscriptions_others(line(&end));
    said(words, [followed, before.unwrap_or_default(), others])
}

/// Something newer holds: whether the channel follows it by that, where that is known.
pub(crate) fn not_subscribed(words: Words, goes_on: Option<bool>) -> Message {
    let why = match goes_on {
        Some(true) => words.subscriptions_newer(),
        Some(false) => words.subscriptions_ended_since(),
        None => words.notice_outdated(),
    };
    said(words, [why])
}

/// What was to be told here is not, though it was not journalled yet; each as it was
/// said.
pub(crate) fn subscribe_withdrawn(words: Words, withdrawn: &[String]) -> Message {
    let lines = joined(", ", withdrawn.iter().take(NAMED).map(|one| line(one)));
    said(words, [words.subscriptions_withdrawn(lines)])
}

/// What is told here no more, and what is all the same; where nothing is ended, the
/// line that perhaps was meant.
pub(crate) fn unsubscribed(
    words: Words,
    answer: &UnsubscribeResponse,
    asked: &str,
    environment: Option<&str>,
    meant: Option<&str>,
) -> Message {
    let of = |all: &[Subscription]| {
        let name = all.first().map_or(asked, |one| one.repository.as_str());
        repository(name)
    };
    let ended = match (answer.ended.as_slice(), environment) {
        ([], _) if answer.outdated => words.notice_outdated(),
        ([], Some(environment)) => words.subscriptions_nothing_of(
            repository(asked),
            bold(environment, NAME),
            line("subscriptions"),
        ),
        ([], None) => words.subscriptions_nothing(repository(asked), line("subscriptions")),
        (ended, _) => words.subscriptions_ended(of(ended), environments(words, ended)),
    };
    let kept = match answer.kept.as_slice() {
        [] => Mrkdwn::default(),
        kept => words.subscriptions_kept(of(kept), environments(words, kept)),
    };
    let is_in_part = answer.outdated && !answer.ended.is_empty();
    let newer = is_in_part.then(|| words.notice_outdated_in_part());
    let meant = meant.map(|meant| words.text_did_you_mean(line(meant)));
    let meant = meant.unwrap_or_default();
    said(words, [ended, meant, newer.unwrap_or_default(), kept])
}

/// All that is told here.
pub(crate) fn subscriptions(words: Words, all: &[Subscription]) -> Message {
    if all.is_empty() {
        return said(words, [words.subscriptions_none(line("subscribe people"))]);
    }
    let first = words.subscriptions_list();
    let one = |one: &Subscription| {
        let by = match &one.requester {
            Some(person) => words.text_asked_by(text::name(words, Some(person))),
            None => words.subscriptions_by_file(),
        };
        dotted([
            words.subscriptions_one(
                repository(&one.repository),
                bold(&one.environment, NAME),
                moments(words, one),
            ),
            by,
        ])
    };
    let shown = all.iter().take(LISTED).map(one);
    let more = all.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| words.subscriptions_more(more));
    let blocks = sections([first.clone()].into_iter().chain(shown).chain(more));
    Message {
        words,
        text: first,
        blocks,
    }
}

/// For whoever asked that a channel follows, in which nothing can be said.
pub(crate) fn follows_in_vain(words: Words, channel: &str) -> Message {
    said(words, [words.subscriptions_in_vain(text::channel(channel))])
}

/// For whoever asked that a channel follows an environment, which is told there no
/// more: the channel is archived or hidden.
pub(crate) fn follows_no_more(
    words: Words,
    channel: &str,
    name: &str,
    environment: &str,
) -> Message {
    let lost = words.subscriptions_lost(
        text::channel(channel),
        repository(name),
        bold(environment, NAME),
    );
    said(words, [lost])
}

fn said<const N: usize>(words: Words, said: [Mrkdwn; N]) -> Message {
    let text = lines(said);
    Message {
        words,
        blocks: sections([text.clone()]),
        text,
    }
}

/// To be set in bold.
fn repository(name: &str) -> Mrkdwn {
    prose(text::bare_name(name), NAME)
}

fn environments(words: Words, all: &[Subscription]) -> Mrkdwn {
    let names: Vec<_> = all.iter().map(|one| one.environment.clone()).collect();
    text::bold_names(words, &names, NAMED)
}

fn moments(words: Words, one: &Subscription) -> Mrkdwn {
    let moment = |moment| match moment {
        Moment::Started => words.subscriptions_started(),
        Moment::Succeeded => words.subscriptions_live(),
        Moment::Failed => words.subscriptions_failed(),
        Moment::Unspecified => Mrkdwn::default(),
    };
    joined(", ", one.moments().map(moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixtures::{self, EN, KO, rendered};

    fn subscription(environment: &str, moments: &[Moment], is_asked: bool) -> Subscription {
        Subscription {
            repository: "acme/people".to_owned(),
            environment: environment.to_owned(),
            moments: moments.iter().map(|one| (*one).into()).collect(),
            requester: fixtures::person("U1MINJI", "Minji").filter(|_| is_asked),
            since: None,
        }
    }

    const ENDS: &[Moment] = &[Moment::Succeeded, Moment::Failed];

    #[test]
    fn what_is_told_from_now_on_and_no_more() {
        let subscribed_now = SubscribeResponse {
            subscription: Some(subscription("production", ENDS, true)),
            replaced: Some(subscription("production", &[Moment::Started], true)),
            outdated: false,
        };
        let ended = UnsubscribeResponse {
            ended: vec![
                subscription("production", ENDS, true),
                subscription("<!channel>", ENDS, true),
            ],
            kept: vec![subscription("staging", ENDS, false)],
            outdated: false,
        };
        let nothing = UnsubscribeResponse::default();
        // Something newer holds, for one of them or for all.
        let withdrawn = [
            "subscribe people".to_owned(),
            "subscribe people prod".to_owned(),
        ];
        let in_part = UnsubscribeResponse {
            ended: vec![subscription("production", ENDS, true)],
            kept: Vec::new(),
            outdated: true,
        };
        let not_at_all = UnsubscribeResponse {
            outdated: true,
            ..UnsubscribeResponse::default()
        };
        let said = [EN, KO].map(|words| {
            [
                subscribed(words, &subscribed_now, &fixtures::asked("people")),
                subscribed(words, &subscribed_now, &fixtures::asked("acme/people")),
                unsubscribed(words, &ended, "people", None, None),
                unsubscribed(words, &nothing, "people", None, None),
                unsubscribed(words, &nothing, "peple", None, Some("unsubscribe people")),
                unsubscribed(words, &nothing, "people", Some("staging"), None),
                not_subscribed(words, None),
                not_subscribed(words, Some(true)),
                not_subscribed(words, Some(false)),
                subscribe_withdrawn(words, &withdrawn),
                unsubscribed(words, &in_part, "people", None, None),
                unsubscribed(words, &not_at_all, "people", None, None),
                follows_in_vain(words, "C0123456789"),
                follows_no_more(words, "C0123456789", "acme/people", "production"),
            ]
            .map(|message| message.text.into_string())
            .join("\n")
        });
        insta::assert_snapshot!(said.join("\n"), @"
        🔔 From now on I tell here of deployments of *people* to *production*: when one is live, when one fails.
        Until now I did: when one begins.
        Those that are asked for here have their own message anyway. To be told no more of the others: `@deploybot unsubscribe people production`
        🔔 From now on I tell here of deployments of *people* to *production*: when one is live, when one fails.
        Until now I did: when one begins.
        Those that are asked for here have their own message anyway. To be told no more of the others: `@deploybot unsubscribe acme/people production`
        🔕 I tell no more here of deployments of *people* to *production*, *&lt;!channel&gt;*.
        The file `.github/deploy.yml` of *people* names this channel for *staging*: that goes on until somebody changes it there.
        ❓ There is nothing to end: nobody had me tell here of *people*. `@deploybot subscriptions` lists what I tell of.
        ❓ There is nothing to end: nobody had me tell here of *peple*. `@deploybot subscriptions` lists what I tell of.
        Did you mean `@deploybot unsubscribe people`?
        ❓ There is nothing to end: nobody had me tell here of *people* in *staging*. `@deploybot subscriptions` lists what I tell of.
        ✔ Something else was asked for after this, and that holds: nothing was changed.
        ✔ Another `subscribe` was said here after this, and that holds: nothing was changed.
        ✔ `unsubscribe` was said here after this, so this is withdrawn: nothing was changed.
        ✔ What was still waiting to begin here is withdrawn: `@deploybot subscribe people`, `@deploybot subscribe people prod`
        🔕 I tell no more here of deployments of *people* to *production*.
        What was asked for after this holds.
        ✔ Something else was asked for after this, and that holds: nothing was changed.
        ⚠️ You had me tell of deployments in <#C0123456789>, but I can't write there. Invite me: `/invite @deploybot`. If nobody wants to hear of them any more, say `unsubscribe` there after that.
        ⚠️ You had me tell in <#C0123456789> of deployments of *people* to *production*. That channel is archived, or hidden from me, so I tell there of them no more. To go on, say `subscribe` in a channel that I am in.
        🔔 이제부터 *people* 저장소의 *production* 배포를 여기에 알려요: 성공할 때, 실패할 때.
        지금까지의 설정: 시작할 때.
        여기에서 요청한 배포는 따로 메시지가 있어요. 그만 알리려면 `@deploybot unsubscribe people production`
        🔔 이제부터 *people* 저장소의 *production* 배포를 여기에 알려요: 성공할 때, 실패할 때.
        지금까지의 설정: 시작할 때.
        여기에서 요청한 배포는 따로 메시지가 있어요. 그만 알리려면 `@deploybot unsubscribe acme/people production`
        🔕 이제 *people* 저장소의 *production*, *&lt;!channel&gt;* 배포를 여기에 알리지 않아요.
        *people* 저장소의 `.github/deploy.yml` 파일에 *staging* 환경의 채널로 이 채널이 적혀 있어요. 그 파일을 바꾸기 전까지는 계속 알려요.
        ❓ 끝낼 것이 없어요. *people* 저장소를 여기에 알리도록 한 사람이 없어요. `@deploybot subscriptions` 명령으로 무엇을 알리는지 볼 수 있어요.
        ❓ 끝낼 것이 없어요. *peple* 저장소를 여기에 알리도록 한 사람이 없어요. `@deploybot subscriptions` 명령으로 무엇을 알리는지 볼 수 있어요.
        혹시 `@deploybot unsubscribe people` 인가요?
        ❓ 끝낼 것이 없어요. *people* 저장소의 *staging* 배포를 여기에 알리도록 한 사람이 없어요. `@deploybot subscriptions` 명령으로 무엇을 알리는지 볼 수 있어요.
        ✔ 이보다 나중에 한 다른 요청이 유효해서 바뀐 것은 없어요.
        ✔ 이 뒤에 여기에서 쓴 다른 `subscribe` 명령이 유효해서 바뀐 것은 없어요.
        ✔ 이 뒤에 여기에서 `unsubscribe` 명령을 써서 이 요청은 취소됐어요. 바뀐 것은 없어요.
        ✔ 아직 시작되지 않고 기다리던 요청을 취소했어요: `@deploybot subscribe people`, `@deploybot subscribe people prod`
        🔕 이제 *people* 저장소의 *production* 배포를 여기에 알리지 않아요.
        이보다 나중에 한 요청은 그대로 유효해요.
        ✔ 이보다 나중에 한 다른 요청이 유효해서 바뀐 것은 없어요.
        ⚠️ <#C0123456789> 채널에 배포를 알리라고 하셨지만 그 채널에 쓸 수 없어요. 저를 초대해 주세요: `/invite @deploybot` 더 알릴 필요가 없다면 초대한 다음 그 채널에서 `unsubscribe` 명령으로 끝내 주세요.
        ⚠️ <#C0123456789> 채널에 *people* 저장소의 *production* 배포를 알리라고 하셨지만, 그 채널이 보관되었거나 저에게 보이지 않아서 그만 알리기로 했어요. 계속 알리려면 제가 있는 채널에서 `subscribe` 명령을 써 주세요.
        ");
    }

    #[test]
    fn what_is_told_is_listed() {
        let all = [
            subscription("production", ENDS, false),
            subscription("production", &[Moment::Failed], true),
        ];
        let said = [EN, KO].map(|words| {
            [subscriptions(words, &all), subscriptions(words, &[])]
                .map(|message| rendered(&message))
                .join("\n")
        });
        insta::assert_snapshot!(said.join("\n"), @"
        (🔔 Deployments that I tell of here:)
        🔔 Deployments that I tell of here:
        • *people* to *production*: when one is live, when one fails · by its `.github/deploy.yml`
        • *people* to *production*: when one fails · asked by Minji
        (I tell here of no deployments but those that are asked for here. For more: `@deploybot subscribe people`)
        I tell here of no deployments but those that are asked for here. For more: `@deploybot subscribe people`
        (🔔 여기에 알리는 배포:)
        🔔 여기에 알리는 배포:
        • *people* 저장소의 *production* 환경: 성공할 때, 실패할 때 · `.github/deploy.yml` 파일에 적혀 있음
        • *people* 저장소의 *production* 환경: 실패할 때 · 요청: Minji
        (여기에서 요청한 배포 말고는 여기에 알리지 않아요. 더 알리려면 `@deploybot subscribe people`)
        여기에서 요청한 배포 말고는 여기에 알리지 않아요. 더 알리려면 `@deploybot subscribe people`
        ");
    }
}
