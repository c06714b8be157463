/** The cards of all regions that were drawn, chosen or described, and the line from the chosen region to its card. */
import { Card } from "./card.js";
import { element } from "./element.js";

export class Cards {
  cards = new Map();

  constructor(session, stage, actions) {
    Object.assign(this, {
      session,
      stage,
      actions,
      list: element("cards"),
      thread: element("thread").firstElementChild,
    });
    session.addEventListener("change", () => this.update());
    session.addEventListener("turn", ({ detail }) => {
      this.cards.get(detail.region)?.grow(detail.turn);
      this.draw();
    });
    stage.addEventListener("view", () => this.draw());
    addEventListener("resize", () => this.draw());
    // The form above the cards changes its height, for example with "More", and moves them.
    new ResizeObserver(() => this.draw()).observe(element("ask"));
    addEventListener("scroll", () => this.draw(), true);
  }

  update() {
    const { session } = this;
    const shown = session.regions.filter((region) => !region.suggested || region === session.active);
    for (const [region, card] of this.cards) {
      if (shown.includes(region)) continue;
      card.element.remove();
      this.cards.delete(region);
    }
    for (const region of shown) {
      if (!this.cards.has(region)) this.cards.set(region, new Card(region, this.actions));
      this.cards.get(region).update(session);
    }
    // Moving an element takes the focus from it, so only elements in the wrong position are moved.
    shown
      .map((region) => this.cards.get(region).element)
      .forEach((card, i) => {
        if (this.list.children[i] !== card) this.list.insertBefore(card, this.list.children[i] ?? null);
      });
    const running = Boolean(session.active?.running);
    if (running !== this.running) this.cards.get(session.active)?.scrollToLast();
    this.running = running;
    if (session.active !== this.last) {
      this.last = session.active;
      this.reveal(session.active);
    }
    this.rest();
    this.draw();
  }

  reveal(region) {
    const card = this.cards.get(region)?.element,
      still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // Scrolls only the list of cards: on a phone the page must stay at the picture.
    if (card && this.list.scrollHeight > this.list.clientHeight)
      this.list.scrollTo({ top: card.offsetTop - this.list.offsetTop - 12, behavior: still ? "auto" : "smooth" });
  }

  rest() {
    const suggested = this.session.regions.filter((region) => region.suggested && region !== this.session.active);
    const text = element("rest");
    text.hidden = !suggested.length;
    text.replaceChildren(
      "Also outlined: ",
      ...suggested.map((region) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "chip";
        button.textContent = region.name;
        button.addEventListener("click", () => this.session.choose(region));
        button.addEventListener("pointerenter", () => this.session.hover(region));
        button.addEventListener("pointerleave", () => this.session.hover(undefined));
        return button;
      }),
    );
  }

  /** Draws a curve from the region's number to its card if they are side by side. */
  draw() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = undefined;
      const { session, stage, thread } = this,
        region = session.hovered ?? session.active,
        card = this.cards.get(region)?.element;
      const from = region && stage.anchor(region),
        area = stage.canvas.getBoundingClientRect();
      const to = card?.querySelector(".badge").getBoundingClientRect(),
        list = this.list.getBoundingClientRect();
      const seen =
        to && to.left > area.right && to.top > list.top - 4 && to.bottom < Math.min(list.bottom, innerHeight) + 4;
      const inside = from && from.x > 0 && from.y > 0 && from.x < area.width && from.y < area.height;
      thread.parentNode.classList.toggle("shown", Boolean(seen && inside));
      if (!seen || !inside) return;
      const x0 = area.left + from.x + 12,
        y0 = area.top + from.y,
        x1 = to.left - 4,
        y1 = to.top + to.height / 2,
        bend = (x1 - x0) / 2;
      thread.setAttribute("d", `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`);
      thread.style.stroke = region.colour;
    });
  }
}
