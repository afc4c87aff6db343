//! The bot's own blocks and modals, said in the Slack library's types.

use slack_morphism::prelude as slack;

use super::id::ChannelId;
use crate::view::{
    self,
    block::{Block, Button, Confirm, Home, Message, Modal, Mrkdwn},
};

/// A message's text and blocks, as they are said in a channel.
pub(super) fn content(message: &Message, channel: &ChannelId) -> slack::SlackMessageContent {
    let direct = channel.is_direct().then(|| view::directly(message));
    let message = direct.as_ref().unwrap_or(message);
    let blocks = of(&message.blocks, Lists::Beside);
    slack::SlackMessageContent::new()
        .with_text(message.text.as_str().to_owned())
        .opt_blocks((!blocks.is_empty()).then_some(blocks))
}

/// A modal.
pub(super) fn modal(modal: &Modal) -> slack::SlackView {
    let lists = if modal.submit.is_some() {
        Lists::Input
    } else {
        Lists::Beside
    };
    slack::SlackView::Modal(
        slack::SlackModalView::new(plain(&modal.title), of(&modal.blocks, lists))
            .with_callback_id(modal.callback.clone().into())
            .with_private_metadata(modal.private.clone())
            .opt_submit(modal.submit.as_deref().map(plain))
            .with_close(plain(&modal.close)),
    )
}

/// A home tab.
pub(super) fn home(home: &Home) -> slack::SlackView {
    slack::SlackView::Home(slack::SlackHomeView::new(of(&home.blocks, Lists::Beside)))
}

/// How a list to choose from is said. Slack takes an input only in a modal that
/// can be submitted, and puts an error only under an input.
#[derive(Clone, Copy)]
enum Lists {
    Input,
    Beside,
}

fn of(blocks: &[Block], lists: Lists) -> Vec<slack::SlackBlock> {
    // Two buttons of a message may mean the same about different things, and
    // Slack wants their action ids to differ.
    let mut buttons = 0;
    blocks
        .iter()
        .map(|block| one(block, lists, &mut buttons))
        .collect()
}

fn one(block: &Block, lists: Lists, buttons: &mut usize) -> slack::SlackBlock {
    match block {
        Block::Section {
            text,
            button: beside,
        } => slack::SlackSectionBlock::new()
            .with_text(markup(text))
            .opt_accessory(beside.as_ref().map(|it| button(it, buttons).into()))
            .into(),
        Block::Context(texts) => slack::SlackContextBlock::new(
            texts
                .iter()
                .map(|text| slack::SlackContextBlockElement::MarkDown(markdown(text)))
                .collect(),
        )
        .into(),
        Block::Actions(row) => {
            slack::SlackActionsBlock::new(row.iter().map(|it| button(it, buttons).into()).collect())
                .into()
        }
        Block::Divider => slack::SlackDividerBlock::new().into(),
        Block::Select {
            id,
            label,
            options,
            chosen,
        } => select(lists, id, label, list(id, options, chosen.as_deref())),
    }
}

fn button(button: &Button, buttons: &mut usize) -> slack::SlackBlockButtonElement {
    *buttons += 1;
    slack::SlackBlockButtonElement::new(plain(&button.label))
        .with_action_id(format!("{}:{buttons}", button.action).into())
        .with_accessibility_label(button.spoken.clone().into())
        .with_value(button.value.clone())
        .opt_confirm(button.confirm.as_ref().map(confirm))
}

fn confirm(confirm: &Confirm) -> slack::SlackBlockConfirmItem {
    slack::SlackBlockConfirmItem::new(
        plain(&confirm.title),
        markup(&confirm.text),
        plain(&confirm.yes),
        plain(&confirm.no),
    )
}

/// Choosing tells the bot at once; what is chosen is part of what is submitted.
fn select(
    lists: Lists,
    id: &str,
    label: &str,
    list: slack::SlackBlockStaticSelectElement,
) -> slack::SlackBlock {
    match lists {
        Lists::Input => slack::SlackInputBlock::new(
            plain(label),
            slack::SlackInputBlockElement::StaticSelect(list),
        )
        .with_block_id(id.into())
        .with_dispatch_action(true)
        .into(),
        Lists::Beside => slack::SlackSectionBlock::new()
            .with_block_id(id.into())
            .with_text(slack::SlackBlockText::Plain(
                slack::SlackBlockPlainText::new(label.to_owned()),
            ))
            .with_accessory(list.into())
            .into(),
    }
}

fn list(
    id: &str,
    options: &[(String, String)],
    chosen: Option<&str>,
) -> slack::SlackBlockStaticSelectElement {
    let choice = |(value, label): &(String, String)| {
        slack::SlackBlockChoiceItem::new(plain(label), value.clone())
    };
    let initial = options
        .iter()
        .find(|(value, _)| Some(value.as_str()) == chosen)
        .map(choice);
    slack::SlackBlockStaticSelectElement::new()
        .with_action_id(id.into())
        .with_options(options.iter().map(choice).collect())
        .opt_initial_option(initial)
}

fn plain(text: &str) -> slack::SlackBlockPlainTextOnly {
    slack::SlackBlockPlainText::new(text.to_owned())
        .with_emoji(true)
        .into()
}

fn markdown(text: &Mrkdwn) -> slack::SlackBlockMarkDownText {
    // Verbatim: Slack would make links and mentions of plain words otherwise.
    slack::SlackBlockMarkDownText::new(text.as_str().to_owned()).with_verbatim(true)
}

fn markup(text: &Mrkdwn) -> slack::SlackBlockText {
    slack::SlackBlockText::MarkDown(markdown(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::words::{Language, Words};

    fn deploy_button() -> Button {
        Button {
            label: "Deploy…".to_owned(),
            spoken: "Deploy… a1b2c3d".to_owned(),
            action: "deploy".to_owned(),
            value: "people a1b2c3d".to_owned(),
            confirm: None,
        }
    }

    #[test]
    fn a_message_is_said_in_slacks_json() {
        let message = Message {
            words: Words::new(Language::English),
            text: Mrkdwn::ours("one & two"),
            blocks: vec![
                Block::Section {
                    text: Mrkdwn::ours("*one*"),
                    button: Some(deploy_button()),
                },
                Block::Actions(vec![Button {
                    confirm: Some(Confirm {
                        title: "Sure?".to_owned(),
                        text: Mrkdwn::ours("It goes out."),
                        yes: "Yes".to_owned(),
                        no: "No".to_owned(),
                    }),
                    ..deploy_button()
                }]),
                Block::Context(vec![Mrkdwn::ours("small")]),
                Block::Divider,
            ],
        };
        let button = |number: u32| {
            json!({
                "type": "button", "action_id": format!("deploy:{number}"),
                "text": {"type": "plain_text", "text": "Deploy…", "emoji": true},
                "value": "people a1b2c3d",
                "accessibility_label": "Deploy… a1b2c3d",
            })
        };
        let mut asking = button(2);
        asking["confirm"] = json!({
            "title": {"type": "plain_text", "text": "Sure?", "emoji": true},
            "text": {"type": "mrkdwn", "text": "It goes out.", "verbatim": true},
            "confirm": {"type": "plain_text", "text": "Yes", "emoji": true},
            "deny": {"type": "plain_text", "text": "No", "emoji": true},
        });
        let expected = json!({
            "text": "one & two",
            "blocks": [
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": "*one*", "verbatim": true},
                    "accessory": button(1),
                },
                {"type": "actions", "elements": [asking]},
                {"type": "context", "elements": [{"type": "mrkdwn", "text": "small", "verbatim": true}]},
                {"type": "divider"},
            ],
        });
        assert_eq!(
            serde_json::to_value(content(&message, &"C1".into())).unwrap(),
            expected
        );
    }

    #[test]
    fn a_line_to_copy_has_a_mention_in_a_channel_alone() {
        let message = Message {
            words: Words::new(Language::English),
            text: Mrkdwn::ours("say `@deploybot help`"),
            blocks: vec![
                Block::Section {
                    text: Mrkdwn::ours("say `@deploybot help`, @deploybot "),
                    button: None,
                },
                Block::Context(vec![Mrkdwn::ours("`@deploybot a` `@deploybot b`")]),
            ],
        };
        let said = |channel: &str| {
            let content = content(&message, &channel.into());
            serde_json::to_value(content).unwrap()
        };
        assert_eq!(said("C1")["text"], "say `@deploybot help`");
        let direct = said("D1");
        assert_eq!(direct["text"], "say `help`");
        let blocks = &direct["blocks"];
        assert_eq!(blocks[0]["text"]["text"], "say `help`, @deploybot ");
        assert_eq!(blocks[1]["elements"][0]["text"], "`a` `b`");
    }

    #[test]
    fn a_modal_is_said_in_slacks_json() {
        let dialog = Modal {
            callback: "deploy".to_owned(),
            title: "Deploy".to_owned(),
            submit: Some("Deploy".to_owned()),
            close: "Close".to_owned(),
            private: "people".to_owned(),
            blocks: vec![Block::Select {
                id: "environment".to_owned(),
                label: "Environment".to_owned(),
                options: vec![
                    ("production".to_owned(), "Production".to_owned()),
                    ("staging".to_owned(), "Staging".to_owned()),
                ],
                chosen: Some("staging".to_owned()),
            }],
        };
        let plain = |text: &str| json!({"type": "plain_text", "text": text, "emoji": true});
        let expected = json!({
            "type": "modal", "callback_id": "deploy", "private_metadata": "people",
            "title": plain("Deploy"), "submit": plain("Deploy"), "close": plain("Close"),
            "blocks": [{
                "type": "input", "block_id": "environment", "dispatch_action": true,
                "label": plain("Environment"),
                "element": {
                    "type": "static_select", "action_id": "environment",
                    "options": [
                        {"text": plain("Production"), "value": "production"},
                        {"text": plain("Staging"), "value": "staging"},
                    ],
                    "initial_option": {"text": plain("Staging"), "value": "staging"},
                },
            }],
        });
        assert_eq!(serde_json::to_value(modal(&dialog)).unwrap(), expected);

        let only_to_look_at = serde_json::to_value(modal(&Modal {
            submit: None,
            ..dialog
        }))
        .unwrap();
        let block = &only_to_look_at["blocks"][0];
        assert_eq!(
            (&block["type"], &block["block_id"]),
            (&json!("section"), &json!("environment"))
        );
        assert_eq!(block["accessory"], expected["blocks"][0]["element"]);
    }
}
