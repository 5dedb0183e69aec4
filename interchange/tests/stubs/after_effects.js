// Runs a script that is meant for After Effects and prints the masks it made: node after_effects.js SCRIPT
const fs = require("fs");
const vm = require("vm");
const masks = [];
function property(record, name) {
  return {
    setValue: (value) => { record[name] = value; },
    setValuesAtTimes: (times, values) => { record.times[name] = times; record.kinds[name] = []; record[name] = values; },
    nearestKeyIndex: (time) => record.times[name].indexOf(time) + 1,
    setInterpolationTypeAtKey: (index, from, to) => { record.kinds[name][index - 1] = [from, to]; },
  };
}
const layer = {
  startTime: 2,
  property: (group) => ({
    addProperty: (kind) => {
      if (group !== "ADBE Mask Parade" || kind !== "ADBE Mask Atom") throw new Error(group + kind);
      const mask = { times: {}, kinds: {}, property: (name) => property(mask, name) };
      masks.push(mask);
      return mask;
    },
  }),
};
const context = {
  app: { project: { activeItem: { selectedLayers: [layer] } }, beginUndoGroup() {}, endUndoGroup() {} },
  alert: (text) => { throw new Error(text); },
  Shape: function () {},
  MaskMode: { ADD: "add", SUBTRACT: "subtract", INTERSECT: "intersect", LIGHTEN: "lighten", DIFFERENCE: "difference" },
  KeyframeInterpolationType: { HOLD: "hold", LINEAR: "linear" },
};
vm.runInNewContext(fs.readFileSync(process.argv[2], "utf8"), context);
console.log(JSON.stringify(masks));
