"use strict";
// The camera's picture: shown once one has come, a stream while pictures come, still for who asks for less motion.
(() => {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
  const freshMs = 3000;
  const stillMs = 5000;
  const place = document.getElementById("camera");
  const picture = document.getElementById("picture");
  const said = document.getElementById("camera-state");
  let source = "";
  let lastStill = 0;

  function show(address) {
    if (source === address) return;
    source = address;
    if (address) picture.src = address;
    else picture.removeAttribute("src");
  }

  function say(sentence) {
    if (said.textContent !== sentence) said.textContent = sentence;
  }

  document.addEventListener("state", ({ detail: state }) => {
    const camera = (state.agent && state.agent.camera) || "";
    const newest = state.picture;
    place.hidden = !newest && !camera;
    picture.hidden = !newest;
    if (!newest) {
      show("");
      return say(camera);
    }
    const isFresh = state.time - newest.time < freshMs;
    say(isFresh ? "Live." : `No picture since ${new Date(newest.time).toLocaleTimeString()}. ${camera}`);
    // What came last stays in sight.
    if (!isFresh) return show(`/picture.jpg?${newest.count}`);
    if (!isCalm.matches) return show("/camera");
    if (state.time - lastStill < stillMs) return;
    lastStill = state.time;
    show(`/picture.jpg?${newest.count}`);
  });
})();
