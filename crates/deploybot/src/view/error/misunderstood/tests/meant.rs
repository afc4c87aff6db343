//! What people are told who may not mean what they wrote, in each language.

use crate::{
    command::parse,
    view::{
        error::parse_error,
        fixtures::{EN, KO, rendered},
    },
};

#[test]
fn what_could_be_meant_otherwise_is_asked_about() {
    let told = |texts: &[&str]| {
        let line = |text: &&str| {
            let error = parse(text, "U0BOT").expect_err(text);
            let [english, korean] = [EN, KO].map(|words| parse_error(words, &error));
            rendered(&english);
            rendered(&korean);
            format!("> {text}\n{}\n{}", english.text, korean.text)
        };
        texts.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(told(&[
        "before we <@U0BOT> deploy people production 968458f",
        "I wouldn't <@U0BOT> deploy people production 968458f",
        ":no_entry_sign: <@U0BOT> deploy people production 968458f",
        "<@U0BOT> mute 🚫",
        "<@U0BOT> mute 하지 마세요",
        "<@U0BOT> people 2738836 production에 배포해 주세요",
        "<@U0BOT> deploy people ~ ~ production 968458f",
        "<@U0BOT> cancel people production 968458f",
        "<@U0BOT> mute joon",
        "<@U0BOT> link <@U0JOON>",
        "<@U0BOT> deploy people staging 968458f to production",
        "<@U0BOT> thanks!",
        "<@U0BOT> hi",
        "<@U0BOT> retry people",
        "<@U0BOT> no",
        "~ ~ <@U0BOT>",
        "<@U0BOT> unsubscribe people all",
        "<@U0BOT> unsubscribe all",
        "<@U0BOT> link min ji",
    ]), @"
    > before we <@U0BOT> deploy people production 968458f
    ❓ I can't tell what `before we` before the mention changes, so nothing was done. Did you mean `@deploybot deploy people production 968458f`?
    ❓ 멘션 앞에 쓰신 `before we` 부분 때문에 뜻이 확실하지 않아서 아무것도 하지 않았어요. 혹시 `@deploybot deploy people production 968458f` 인가요?
    > I wouldn't <@U0BOT> deploy people production 968458f
    ❓ I take `wouldn't` for a no: nothing was deployed. A deploy that waits is cancelled by the button Cancel on its message.
    ❓ `wouldn't` 부분을 하지 말라는 뜻으로 이해해서 아무것도 배포하지 않았어요. 기다리는 배포는 그 메시지의 취소 버튼으로 취소해요.
    > :no_entry_sign: <@U0BOT> deploy people production 968458f
    ❓ I take `:no_entry_sign:` for a no: nothing was deployed. A deploy that waits is cancelled by the button Cancel on its message.
    ❓ `:no_entry_sign:` 부분을 하지 말라는 뜻으로 이해해서 아무것도 배포하지 않았어요. 기다리는 배포는 그 메시지의 취소 버튼으로 취소해요.
    > <@U0BOT> mute 🚫
    ❓ I take `🚫` for a no, so nothing was done. If you want it all the same: `@deploybot mute`
    ❓ `🚫` 부분을 하지 말라는 뜻으로 이해해서 아무것도 하지 않았어요. 그래도 하려면: `@deploybot mute`
    > <@U0BOT> mute 하지 마세요
    ❓ I take `하지 마세요` for a no, so nothing was done. If you want it all the same: `@deploybot mute`
    ❓ `하지 마세요` 부분을 하지 말라는 뜻으로 이해해서 아무것도 하지 않았어요. 그래도 하려면: `@deploybot mute`
    > <@U0BOT> people 2738836 production에 배포해 주세요
    ❓ I do not know `people`. Did you mean `@deploybot deploy people production 2738836`?
    I know `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` and `help`; `@deploybot help` tells more.
    ❓ `people` 명령은 몰라요. 혹시 `@deploybot deploy people production 2738836` 인가요?
    제가 아는 명령: `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` 및 `help`. 자세한 설명은 `@deploybot help` 명령으로 볼 수 있어요.
    > <@U0BOT> deploy people ~ ~ production 968458f
    ❓ Part of that seems to be struck out, so nothing was done. If you want what is left: `@deploybot deploy people production 968458f`
    ❓ 취소선을 그은 부분이 있는 것 같아서 아무것도 하지 않았어요. 남은 대로 하려면: `@deploybot deploy people production 968458f`
    > <@U0BOT> cancel people production 968458f
    ❓ A deploy that waits is cancelled by the button Cancel on its message; here nothing was changed. What has gone out is taken back by deploying the earlier commit: `@deploybot history people` lists them.
    ❓ 기다리는 배포는 그 메시지의 취소 버튼으로 취소해요. 지금은 아무것도 바꾸지 않았어요. 이미 나간 배포는 이전 커밋을 배포해서 되돌려요. 이전 커밋을 보려면: `@deploybot history people`
    > <@U0BOT> mute joon
    ❓ `mute` is about whoever says it: nobody can say it for another. For yourself: `@deploybot mute`
    ❓ `mute` 명령은 쓴 사람 자신에게만 적용돼요. 다른 사람 대신 쓸 수 없어요. 본인이라면: `@deploybot mute`
    > <@U0BOT> link <@U0JOON>
    ❓ Whom you mention is somebody in Slack, and I need a GitHub login. For example: `@deploybot link minji`
    ❓ 멘션하신 사람은 Slack 사용자이고, 저는 GitHub 로그인이 필요해요. 예: `@deploybot link minji`
    > <@U0BOT> deploy people staging 968458f to production
    ❓ `production` and `staging` are two environments, and a deploy goes to one: `@deploybot deploy people production 968458f` or `@deploybot deploy people staging 968458f`.
    ❓ `production`, `staging` 환경을 둘 다 쓰셨는데, 한 번에 하나에만 배포해요: `@deploybot deploy people production 968458f` 또는 `@deploybot deploy people staging 968458f`.
    > <@U0BOT> thanks!
    👋 You're welcome.
    👋 천만에요.
    > <@U0BOT> hi
    👋 Hello! `@deploybot help` tells what I can do.
    👋 안녕하세요! 제가 할 수 있는 일을 보려면: `@deploybot help`
    > <@U0BOT> retry people
    ❓ A deploy that failed is tried again by the button Retry on its message; here nothing was changed. Without that button, ask for it anew: `@deploybot deploy people &lt;environment&gt; &lt;commit&gt;`
    ❓ 실패한 배포는 그 메시지의 다시 시도 버튼으로 다시 시도해요. 지금은 아무것도 바꾸지 않았어요. 버튼이 없으면 새로 요청하세요: `@deploybot deploy people &lt;environment&gt; &lt;commit&gt;`
    > <@U0BOT> no
    ❓ Nothing was asked for, and nothing was changed. A deploy that waits is cancelled by the button Cancel on its message. `@deploybot help` tells what I can do.
    ❓ 요청하신 것이 없어서 아무것도 바꾸지 않았어요. 기다리는 배포는 그 메시지의 취소 버튼으로 취소해요. 제가 할 수 있는 일을 보려면: `@deploybot help`
    > ~ ~ <@U0BOT>
    ❓ All of that seems to be struck out, so nothing was done. `@deploybot help` tells what I can do.
    ❓ 모두 취소선을 그은 것 같아서 아무것도 하지 않았어요. 제가 할 수 있는 일을 보려면: `@deploybot help`
    > <@U0BOT> unsubscribe people all
    ❓ Nothing was changed. To end all that this channel follows of the repository, leave the environment out: `@deploybot unsubscribe people`
    ❓ 아무것도 바꾸지 않았어요. 이 저장소의 모든 배포를 이 채널에 그만 알리려면 환경을 빼고 써 주세요: `@deploybot unsubscribe people`
    > <@U0BOT> unsubscribe all
    ❓ `unsubscribe` needs a repository. For example: `@deploybot unsubscribe people`
    What this channel follows: `@deploybot subscriptions`
    ❓ `unsubscribe` 명령에 저장소 정보가 더 필요해요. 예: `@deploybot unsubscribe people`
    이 채널에 무엇을 알리는지 보려면: `@deploybot subscriptions`
    > <@U0BOT> link min ji
    ❓ `min ji` can't be a GitHub account: that is one word of at most 39 letters, digits and single hyphens. Write it like this: `@deploybot link &lt;github login&gt;`
    ❓ `min ji` 값은 GitHub 계정이 될 수 없어요. 계정은 띄어쓰기 없이 영문자, 숫자, 홑 하이픈으로 39자까지예요. 이렇게 써 주세요: `@deploybot link &lt;github login&gt;`
    ");
}
