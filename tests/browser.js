// What tests ask of a page, in a world of its own: the page's scripts neither see it nor change it.
var pageTests = {
  seen: [],

  describe(element) {
    const name = element.id ? `#${element.id}` : [...element.classList].map((one) => `.${one}`).join('');
    const text = (element.getAttribute('aria-label') || element.textContent || '').trim().replace(/\s+/g, ' ');
    return `<${element.localName}${name}>` + (text ? ` "${text.slice(0, 40)}"` : '');
  },

  async settle() {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  },

  // Whether an element between this one and the page scrolls or cuts off what sticks out
  isContained(element) {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== 'visible') return true;
    }
    return false;
  },

  // Elements whose right edge lies outside, innermost only, where the page scrolls sideways
  overflow(width) {
    const root = document.documentElement;
    const limit = Math.min(width, root.clientWidth);
    if (root.scrollWidth <= limit) return [];
    const isOut = (one) => one.getBoundingClientRect().right + scrollX > limit + 0.5;
    const out = [...document.body.querySelectorAll('*')].filter((one) => isOut(one) && !this.isContained(one));
    const innermost = out.filter((one) => !out.some((other) => other !== one && one.contains(other)));
    const told = innermost.map((one) => `${this.describe(one)} to ${Math.ceil(one.getBoundingClientRect().right)} px`);
    return [`page is ${root.scrollWidth} px wide, the window ${limit}`, ...told.slice(0, 10)];
  },

  isVisible(element) {
    const box = element.getBoundingClientRect();
    const isInside = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
    const isShown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return isShown && isInside && box.width > 1 && box.height > 1;
  },

  // The element that has the focus: null where none has it or the first one has it again
  focused() {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const place = this.seen.indexOf(element);
    if (place === 0) return null;
    this.seen.push(element);
    const problem = place > 0 ? 'holds or sends back the focus' : this.isVisible(element) ? '' : 'not visible';
    return { name: this.describe(element), problem };
  },

  async violations(options) {
    const name = { any: ['svg-non-empty-title', 'aria-label', 'aria-labelledby', 'presentational-role'] };
    const help = 'An inline SVG has a name, or is hidden from assistive technology';
    const rule = { id: 'inline-svg-name', selector: 'svg', impact: 'serious', tags: ['wcag2a'], metadata: { help }, ...name };
    axe.configure({ rules: [rule] });
    const found = await axe.run(document, options);
    return found.violations.map((one) => ({
      id: one.id,
      help: one.help,
      places: one.nodes.map((node) => node.target.join(' ')),
      reason: one.nodes[0].any.map((check) => check.message)[0] || '',
    }));
  },
};
