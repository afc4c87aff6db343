/**
 * The page: a channel on one side, the repositories it talks about on the
 * other. Reads where things are, puts the parts together, and lets them follow
 * what happens.
 */

import { config, follow, loadConfig } from "./api.js";
import { Channel } from "./channel.js";
import { actAs, Composer, hints } from "./composer.js";
import { Modals } from "./dialog.js";
import { fill } from "./dom.js";
import { FirstDay } from "./firstday.js";
import { HomeTab } from "./home.js";
import { Repositories } from "./repositories.js";
import { Workspace } from "./workspace.js";

const place = (id) => document.getElementById(id);

async function start() {
  await loadConfig();
  const workspace = await Workspace.load();
  const modals = new Modals(workspace.nameOf);
  const home = new HomeTab(workspace);
  workspace.addEventListener("acting", () => {
    modals.discard();
    home.discard();
  });
  fill(place("channel-name"), `#${workspace.channel.name}`);
  fill(place("channel-topic"), workspace.channel.topic);
  place("channel-topic").after(home.button);

  const channel = new Channel(workspace, place("messages"), modals, home);
  const composer = new Composer(workspace, {
    id: "composer-text",
    label: `Message #${workspace.channel.name}`,
    placeholder: "@deploybot …",
  });
  const say = (command) => {
    show("channel");
    composer.fill(command);
  };
  const repositories = new Repositories(place("repositories"), say);
  if (config.first_day) new FirstDay(workspace, repositories, say);
  const tips = hints(examples(null), say);
  repositories.addEventListener("changed", ({ detail }) => {
    if (detail.fullName === config.repositories[0]) tips.draw(examples(detail));
  });
  place("composer").append(tips.toggle, actAs(workspace), tips.list, composer.element);

  const connection = new Connection(place("connection"));
  channel.follow(connection.part("channel"));
  const github = connection.part("repositories");
  follow("github/control/events", {
    opened: () => {
      github.found();
      repositories.refresh();
    },
    lost: github.lost,
    events: { message: ({ repository }) => repositories.refresh(repository) },
  });
}

/** What to try first, with the newest commit that can go out if some environment lacks it; production comes last. */
function examples(repository) {
  const name = config.repositories[0].split("/")[1];
  const ready = repository?.commits.find(({ checks }) => checks.state === "passed");
  const environment = ready && repository.environments.toReversed().find(({ live }) => live?.sha !== ready.sha);
  const deploy = environment && { text: `@deploybot deploy ${name} ${environment.name} ${ready.sha.slice(0, 7)}`, about: "ship a commit" };
  return [
    { text: `@deploybot status ${name}`, about: "what runs where" },
    { text: `@deploybot history ${name}`, about: "what went out" },
    ...(deploy ? [deploy] : []),
    { text: "@deploybot help", about: "all it can do" },
  ];
}

/** Says when the sandbox can't be reached, for as long as that is so. */
class Connection {
  constructor(element) {
    this.element = element;
    this.away = new Set();
  }

  part(name) {
    return {
      found: () => this.tell(this.away.delete(name)),
      lost: () => this.tell(this.away.add(name)),
    };
  }

  tell() {
    const words = this.away.size > 0 ? "The sandbox can't be reached. Is it still running in your terminal? Trying again…" : "";
    if (this.element.textContent !== words) this.element.textContent = words;
    this.element.hidden = words === "";
  }
}

/** On a narrow page one side is seen at a time. */
function show(view) {
  document.body.dataset.view = view;
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === view));
  }
}

for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => show(button.dataset.show));
}

start().catch((failure) => {
  const connection = place("connection");
  connection.textContent = failure.message;
  connection.hidden = false;
});
