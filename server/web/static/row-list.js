// Row list: elements kept in step with a list that changes, without disturbing the reader.

export class RowList {
  /** `parent` holds the rows; `makeRow(item)` makes one; `idOf(item)` names it. */
  constructor(parent, makeRow, idOf = ({ id }) => id) {
    this.parent = parent;
    this.makeRow = makeRow;
    this.idOf = idOf;
    this.shown = new Map(); // id -> {row, as: what the row was made of}
  }

  get size() {
    return this.shown.size;
  }

  /**
   * Shows `items` in their order: new ones come in at their place, a row that has not changed is left
   * alone, and the focus stays in one that has. Rows that stand among the items but are none are taken
   * out; those behind the last item are of a later page and stay, unless `all` there are was given.
   */
  place(items, { all = false } = {}) {
    const rows = items.map((item) => this.rowOf(item));
    const wanted = new Set(rows);
    const present = [...this.parent.children];
    const end = all ? present.length : present.findLastIndex((row) => wanted.has(row));
    for (const row of present.slice(0, Math.max(0, end))) if (!wanted.has(row)) this.drop(row);
    let next = null;
    for (const row of rows.reverse()) {
      if (!row.parentNode) this.parent.insertBefore(row, next);
      next = row;
    }
  }

  /** Adds `items` behind all others: the next page. */
  append(items) {
    for (const item of items) {
      const row = this.rowOf(item);
      if (!row.parentNode) this.parent.append(row);
    }
  }

  rowOf(item) {
    const as = JSON.stringify(item);
    const known = this.shown.get(this.idOf(item));
    if (known?.as === as) return known.row;
    const row = this.makeRow(item);
    row.dataset.row = this.idOf(item);
    this.shown.set(this.idOf(item), { row, as });
    if (known) replaceKeepingFocus(known.row, row);
    return row;
  }

  drop(row) {
    this.shown.delete(row.dataset.row);
    row.remove();
  }
}

/** The control of the same name takes the focus over. */
function replaceKeepingFocus(old, row) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(row);
  const name = focused?.dataset.testid;
  if (name) row.querySelector(`[data-testid="${name}"]`)?.focus({ preventScroll: true });
}
