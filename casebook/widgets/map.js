// The network map that a reader can drag, zoom and filter. One canvas, no library, nothing loaded:
// the same code runs in JupyterLab (through anywidget) and in the page beside the report.
// Everything from evidence is drawn as text or set as text; nothing is parsed as HTML.

function casebookMap(el, data) {
  const NAMES_FROM = 60;
  const LINES_TESTED = 20000;
  const hidden = { layer: new Set(), role: new Set(), finding: new Set() };
  let scale = Infinity;
  let view = { x: 0, y: 0, zoom: 1 };
  let chosen = null;
  let under = null;
  let drag = null;

  const say = data.words;
  const fill = (sentence, ...values) => sentence.replace(/%(\d)/g, (_, n) => values[n - 1]);
  const wordOf = (list, name) => (list.find((one) => one.name === name) || { words: name }).words;
  const findingOf = (e) => wordOf(data.findings, e.finding);
  const layerOf = (e) => wordOf(data.layers, e.layer);

  const nodes = data.nodes.map((n, i) => ({ ...n, i, x: n.x, y: n.y, home: [n.x, n.y] }));
  const edges = data.edges.map((e) => ({ ...e, a: nodes[e.source], b: nodes[e.target] }));

  const make = (name, attributes, text) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const root = make("div", { class: "cb-map" });
  root.append(make("style", {}, STYLE));
  if (data.synthetic) root.append(make("p", { class: "cb-mark" }, say.synthetic));
  const bar = make("div", { class: "cb-bar" });
  const stage = make("div", { class: "cb-stage" });
  const canvas = make("canvas", { tabindex: "0", role: "img", "aria-label": data.alt });
  const tip = make("div", { class: "cb-tip", hidden: "" });
  const told = make("div", { class: "cb-told", "aria-live": "polite" });
  stage.append(canvas, tip);
  root.append(bar, stage, told);
  el.append(root);
  const pen = canvas.getContext("2d");

  // -- controls -----------------------------------------------------------------------------
  const group = (label) => {
    const set = make("fieldset");
    set.append(make("legend", {}, label));
    bar.append(set);
    return set;
  };
  const tick = (set, kind, value, words) => {
    const label = make("label");
    const box = make("input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => {
      if (box.checked) hidden[kind].delete(value);
      else hidden[kind].add(value);
      refresh();
    });
    label.append(box, ` ${words}`);
    set.append(label);
  };
  const who = group(say.accounts);
  for (const role of data.roles) tick(who, "role", role.name, role.words);
  const how = group(say.pairs);
  for (const finding of data.findings) tick(how, "finding", finding.name, finding.words);
  const by = group(say.layers);
  for (const layer of data.layers) tick(by, "layer", layer.name, layer.words);
  const within = group(say.within);
  const times = make("select", { "aria-label": say["significant within"] });
  times.append(make("option", { value: "" }, say["any time"]));
  for (const s of data.scales) times.append(make("option", { value: String(s.seconds) }, s.words));
  times.addEventListener("change", () => {
    scale = times.value ? Number(times.value) : Infinity;
    refresh();
  });
  within.append(times);
  const find = group(say.account);
  const search = make("input", { type: "search", "aria-label": say.find, placeholder: say.part });
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    chosen = wanted ? nodes.find((n) => shownNode(n) && n.name.toLowerCase().includes(wanted)) || null : null;
    tell();
    draw();
  });
  find.append(search);
  const zooms = group(say.view);
  const button = (text, label, act) => {
    const made = make("button", { type: "button", "aria-label": label }, text);
    made.addEventListener("click", act);
    zooms.append(made);
  };
  button("+", say.closer, () => zoomAt(1.4));
  button("−", say.farther, () => zoomAt(1 / 1.4));
  button(say.all, say.again, () => {
    for (const n of nodes) [n.x, n.y] = n.home;
    fit();
  });

  // -- what is shown ------------------------------------------------------------------------
  const shownNode = (n) => !hidden.role.has(n.role);
  const shownEdge = (e) =>
    !hidden.layer.has(e.layer) && !hidden.finding.has(e.finding) &&
    e.scale <= scale && shownNode(e.a) && shownNode(e.b);
  let drawnEdges = [];
  let drawnNodes = [];
  function refresh() {
    drawnEdges = edges.filter(shownEdge);
    const tied = new Set();
    for (const e of drawnEdges) tied.add(e.a.i).add(e.b.i);
    drawnNodes = nodes.filter((n) => tied.has(n.i));
    if (chosen && chosen.name !== undefined && !tied.has(chosen.i)) chosen = null;
    if (chosen && chosen.layer !== undefined && !shownEdge(chosen)) chosen = null;
    tell();
    draw();
  }

  // -- drawing ------------------------------------------------------------------------------
  const size = () => [canvas.clientWidth || 700, canvas.clientHeight || 520];
  const px = (n) => [(n.x - view.x) * view.zoom, (n.y - view.y) * view.zoom];
  function fit() {
    const [w, h] = size();
    if (!nodes.length) return draw();
    const xs = nodes.map((n) => n.x);
    const ys = nodes.map((n) => n.y);
    const box = [least(xs), least(ys), most(xs), most(ys)];
    const room = w < 600 ? 70 : 200;
    const zoom = Math.min((w - room) / (box[2] - box[0] || 1), (h - room) / (box[3] - box[1] || 1));
    view = { zoom, x: (box[0] + box[2]) / 2 - w / 2 / zoom, y: (box[1] + box[3]) / 2 - h / 2 / zoom };
    draw();
  }
  const least = (list) => list.reduce((a, b) => Math.min(a, b));
  const most = (list) => list.reduce((a, b) => Math.max(a, b));

  function draw() {
    const [w, h] = size();
    const dense = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(w * dense) || canvas.height !== Math.round(h * dense)) {
      canvas.width = Math.round(w * dense);
      canvas.height = Math.round(h * dense);
    }
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, w, h);
    const near = neighbours();
    for (const finding of data.findings) {
      pen.strokeStyle = finding.colour;
      for (const strong of near ? [false, true] : [true]) {
        pen.globalAlpha = strong ? 0.6 : 0.08;
        pen.lineWidth = strong && near ? 1.6 : 1;
        pen.setLineDash(finding.dash);
        pen.beginPath();
        for (const e of drawnEdges) {
          if (e.finding !== finding.name || (near && near.edges.has(e) !== strong)) continue;
          const [x1, y1] = px(e.a);
          const [x2, y2] = px(e.b);
          pen.moveTo(x1, y1);
          pen.lineTo(x2, y2);
        }
        pen.stroke();
      }
    }
    pen.setLineDash([]);
    const big = Math.max(3, Math.min(8, 2 + view.zoom / 50));
    for (const n of drawnNodes) {
      const [x, y] = px(n);
      if (x < -20 || y < -20 || x > w + 20 || y > h + 20) continue;
      pen.globalAlpha = near && !near.nodes.has(n) ? 0.2 : 1;
      shape(n, x, y, big);
    }
    pen.font = "11px Arial, 'Liberation Sans', Helvetica, sans-serif";
    pen.textBaseline = "middle";
    for (const n of drawnNodes) {
      const picked = near && near.nodes.has(n);
      if (!(picked || (!near && n.named && view.zoom > NAMES_FROM))) continue;
      const left = n.turn > 90 && n.turn < 270;
      const wide = pen.measureText(n.name).width;
      const from = left ? -big - 5 - wide : big + 5;
      pen.save();
      pen.translate(...px(n));
      // Names run outwards from the circle, and stay the right way up on its left side.
      pen.rotate(((left ? 180 - n.turn : -n.turn) * Math.PI) / 180);
      pen.globalAlpha = 1;
      pen.fillStyle = "rgba(255,255,255,.75)";
      pen.fillRect(from - 1, -7, wide + 2, 14);
      pen.fillStyle = "#1b1f24";
      pen.fillText(n.name, from, 0);
      pen.restore();
    }
    pen.globalAlpha = 1;
  }

  function shape(n, x, y, r) {
    const role = data.roles.find((one) => one.name === n.role);
    pen.fillStyle = role.colour;
    pen.strokeStyle = chosen === n || under === n ? "#1b1f24" : "#fff";
    pen.lineWidth = chosen === n || under === n ? 2 : 1;
    pen.beginPath();
    if (role.shape === "circle") pen.arc(x, y, r, 0, 2 * Math.PI);
    else if (role.shape === "square") pen.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
    else {
      const corners = role.shape === "diamond"
        ? [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]
        : [[0, -1.2], [1.1, 0.9], [-1.1, 0.9]];
      corners.forEach(([dx, dy], k) => pen[k ? "lineTo" : "moveTo"](x + dx * r, y + dy * r));
      pen.closePath();
    }
    pen.fill();
    pen.stroke();
  }

  function neighbours() {
    const at = chosen || under;
    if (!at) return null;
    const near = { nodes: new Set(), edges: new Set() };
    for (const e of drawnEdges) {
      if (e === at || e.a === at || e.b === at) {
        near.edges.add(e);
        near.nodes.add(e.a).add(e.b);
      }
    }
    if (at.name !== undefined) near.nodes.add(at);
    return near;
  }

  // -- words --------------------------------------------------------------------------------
  function words(at) {
    if (at.name !== undefined) {
      const own = drawnEdges.filter((e) => e.a === at || e.b === at);
      const others = new Set(own.map((e) => (e.a === at ? e.b : e.a).name));
      const lines = [`${at.name}: ${at.who}`];
      if (at.cluster) lines.push(fill(say.cluster, at.cluster, at.called));
      if (at.part) lines.push(fill(say.role, at.part));
      lines.push(fill(say.tied, others.size));
      if (at.members) lines.push(fill(say.members, at.members));
      return lines;
    }
    const lines = [fill(say.both, at.a.name, at.b.name, findingOf(at), layerOf(at))];
    if (at.pairs) return [...lines, fill(say.aggregated, at.pairs)];
    lines.push(fill(say.shared, at.objects, at.co_actions, at.within));
    if (at.met !== null) lines.push(fill(say.met, at.met, at.chance));
    lines.push(fill(say.span, at.first, at.last));
    for (const one of at.examples) {
      lines.push(`${one.object}: ${one.post_source} ${one.time_source} – ${one.post_target} ${one.time_target}`);
    }
    if (at.evidence.length) lines.push(fill(say.evidence, at.evidence.join(", ")));
    return lines;
  }
  function tell() {
    told.replaceChildren();
    const line = fill(say.shown, drawnNodes.length, nodes.length, drawnEdges.length, edges.length);
    told.append(make("p", {}, chosen ? line : `${line} ${say.point} ${data.note}`));
    if (chosen) {
      for (const text of words(chosen)) told.append(make("p", {}, text));
      if (chosen.name !== undefined) {
        const list = make("ul");
        const own = drawnEdges.filter((e) => e.a === chosen || e.b === chosen).slice(0, 60);
        for (const e of own) {
          const item = make("li");
          const go = make("button", { type: "button", class: "cb-link" },
            fill(say.tie, (e.a === chosen ? e.b : e.a).name, findingOf(e), layerOf(e), e.objects));
          go.addEventListener("click", () => { chosen = e; tell(); draw(); });
          item.append(go);
          list.append(item);
        }
        told.append(list);
      }
    }
  }

  // -- pointing -----------------------------------------------------------------------------
  function at(x, y) {
    let best = null;
    let far = 12;
    for (const n of drawnNodes) {
      const [nx, ny] = px(n);
      const d = Math.hypot(nx - x, ny - y);
      if (d < far) [best, far] = [n, d];
    }
    if (best || drawnEdges.length > LINES_TESTED) return best;
    far = 5;
    for (const e of drawnEdges) {
      const d = distance(x, y, px(e.a), px(e.b));
      if (d < far) [best, far] = [e, d];
    }
    return best;
  }
  function distance(x, y, [x1, y1], [x2, y2]) {
    const length = (x2 - x1) ** 2 + (y2 - y1) ** 2 || 1;
    const t = Math.max(0, Math.min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length));
    return Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1));
  }
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    const [x, y] = place(event);
    const hit = at(x, y);
    drag = { x, y, node: hit && hit.name !== undefined ? hit : null, hit, moved: false };
    try { canvas.setPointerCapture(event.pointerId); } catch { /* a pointer that is gone */ }
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (drag) {
      const [dx, dy] = [(x - drag.x) / view.zoom, (y - drag.y) / view.zoom];
      if (Math.hypot(x - drag.x, y - drag.y) > 3 || drag.moved) {
        drag.moved = true;
        if (drag.node) [drag.node.x, drag.node.y] = [drag.node.x + dx, drag.node.y + dy];
        else [view.x, view.y] = [view.x - dx, view.y - dy];
        [drag.x, drag.y] = [x, y];
        tip.hidden = true;
        draw();
      }
      return;
    }
    const hit = at(x, y);
    if (hit !== under) {
      under = hit;
      draw();
    }
    tip.hidden = !hit;
    if (hit) {
      tip.replaceChildren(...words(hit).map((text) => make("div", {}, text)));
      const [w] = size();
      tip.style.left = `${Math.min(x + 14, w - 260)}px`;
      tip.style.top = `${y + 14}px`;
    }
  });
  canvas.addEventListener("pointerup", () => {
    if (drag && !drag.moved) {
      chosen = drag.hit;
      tell();
      draw();
    }
    drag = null;
  });
  canvas.addEventListener("pointerleave", () => {
    under = null;
    tip.hidden = true;
    draw();
  });
  function zoomAt(factor, x, y) {
    const [w, h] = size();
    const [cx, cy] = [x ?? w / 2, y ?? h / 2];
    const [mx, my] = [view.x + cx / view.zoom, view.y + cy / view.zoom];
    view.zoom = Math.max(1, Math.min(20000, view.zoom * factor));
    view.x = mx - cx / view.zoom;
    view.y = my - cy / view.zoom;
    draw();
  }
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomAt(Math.exp(-event.deltaY / 400), ...place(event));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = 40 / view.zoom;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[event.key]) {
      view.x += moves[event.key][0];
      view.y += moves[event.key][1];
      draw();
    } else if (event.key === "+" || event.key === "=") zoomAt(1.4);
    else if (event.key === "-") zoomAt(1 / 1.4);
    else if (event.key === "Escape") { chosen = null; tell(); draw(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const watched = new ResizeObserver(() => {
    stage.style.height = `${Math.min(780, Math.max(420, Math.round(stage.clientWidth * 0.75)))}px`;
    fit();
  });
  watched.observe(stage);
  refresh();
  fit();
  return () => watched.disconnect();
}

const STYLE = `
.cb-map { font: 13px/1.4 Arial, "Liberation Sans", Helvetica, sans-serif; color: #1b1f24; background: #fff; padding: 6px; }
.cb-map p { margin: 2px 0; }
.cb-map .cb-mark { background: #fdf3c7; padding: 3px 8px; }
.cb-map .cb-bar { display: flex; flex-wrap: wrap; gap: 4px 14px; margin-bottom: 6px; }
.cb-map fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: center; }
.cb-map legend { float: left; padding: 0 4px 0 0; color: #5a616b; }
.cb-map .cb-stage { position: relative; height: 520px; border: 1px solid #d5d9df; }
.cb-map canvas { width: 100%; height: 100%; display: block; touch-action: none; cursor: grab; }
.cb-map canvas:focus-visible { outline: 2px solid #0b5c8a; }
.cb-map .cb-tip { position: absolute; pointer-events: none; background: #fff; border: 1px solid #8a9099; padding: 4px 8px; width: 240px; font-size: 12px; overflow-wrap: anywhere; z-index: 2; }
.cb-map .cb-told { margin-top: 6px; overflow-wrap: anywhere; }
.cb-map ul { columns: 2; margin: 4px 0; padding-left: 18px; }
.cb-map .cb-link { border: 0; background: none; padding: 0; color: #0b5c8a; text-decoration: underline; text-align: left; font: inherit; cursor: pointer; }
@media (max-width: 600px) { .cb-map ul { columns: 1; } }
`;

export default {
  render({ model, el }) {
    return casebookMap(el, model.get("data"));
  },
};
