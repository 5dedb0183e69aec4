-- Reads a .setting file as Lua and prints the points of its masks, then the keys of their opacities: lua fusion.lua FILE
local file = assert(io.open(arg[1]))
local text = file:read("a")
local tag = function(name) return function(t) t.__kind = name; return t end end
local scope = { ordered = function() return function(t) return t end end }
for _, name in ipairs({ "PolylineMask", "BezierSpline", "Polyline", "Input", "FuID", "OperatorInfo", "Transform", "XYPath" }) do
  scope[name] = tag(name)
end
local tools = assert(load("return " .. text, "setting", "t", scope))().Tools
for name, tool in pairs(tools) do
  if tool.__kind == "PolylineMask" then
    local spline = tools[tool.Inputs.Polyline.SourceOp]
    for frame, key in pairs(spline.KeyFrames) do
      for i, p in ipairs(key.Value.Points) do
        print(name, frame, i, p.X, p.Y, p.LX, p.LY, p.RX, p.RY, tostring(key.Value.Closed))
      end
    end
    local level = tool.Inputs.Level and tools[tool.Inputs.Level.SourceOp]
    for frame, key in pairs(level and level.KeyFrames or {}) do
      print(name, frame, "opacity", key[1], tostring(key.Flags.Linear))
    end
  end
end
