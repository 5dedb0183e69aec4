// Runs effects in the reference host library (HostSupport), whose own demo runs one fixed example only.
//
//     OFX_PLUGIN_PATH=DIR reference OUT_DIR ID_PREFIX [PARAM=VALUE]...
//
// Every effect whose identifier starts with ID_PREFIX is loaded, described, created and rendered in each of its contexts, as
// a whole and by a small window, and its push buttons are pressed, but for those with BUTTON=no. Pictures are the demo's: 720x576 RGBA bytes, pixel aspect
// 768/720, frames 0 to 25. The last whole frame goes to OUT_DIR/<id>.<context>.rgba. Exit status 1 on any wrong status, on a
// write outside the window, or if no effect was found.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <tuple>

#include "ofxCore.h"
#include "ofxImageEffect.h"
#include "ofxPixels.h"

#include "ofxhBinary.h"
#include "ofxhPropertySuite.h"
#include "ofxhClip.h"
#include "ofxhParam.h"
#include "ofxhMemory.h"
#include "ofxhImageEffect.h"
#include "ofxhPluginAPICache.h"
#include "ofxhPluginCache.h"
#include "ofxhHost.h"
#include "ofxhImageEffectAPI.h"

#include "hostDemoHostDescriptor.h"
#include "hostDemoEffectInstance.h"
#include "hostDemoClipInstance.h"

namespace {

namespace Effect = OFX::Host::ImageEffect;
namespace Param = OFX::Host::Param;
namespace Property = OFX::Host::Property;

std::string g_where;
int g_failures = 0;

void check(const char *what, OfxStatus status) {
  if (status == kOfxStatOK || status == kOfxStatReplyDefault) return;
  std::cout << "FAILED " << g_where << " " << what << ": status " << status << std::endl;
  ++g_failures;
}

void require(const char *what, bool holds) { check(what, holds ? kOfxStatOK : kOfxStatFailed); }

void read_default(const Property::Set &p, int i, int &to) { to = p.getIntProperty(kOfxParamPropDefault, i); }
void read_default(const Property::Set &p, int i, bool &to) { to = p.getIntProperty(kOfxParamPropDefault, i) != 0; }
void read_default(const Property::Set &p, int i, double &to) { to = p.getDoubleProperty(kOfxParamPropDefault, i); }
void read_default(const Property::Set &p, int i, std::string &to) { to = p.getStringProperty(kOfxParamPropDefault, i); }

void read_text(const std::string &text, std::string &to) { to = text; }
template <class T> void read_text(const std::string &text, T &to) { std::istringstream(text) >> to; }

struct Settable {
  virtual ~Settable() {}
  virtual void set_text(const std::string &text) = 0;
};

// A param that holds its value. It has no keys: the library answers those calls with "missing host feature".
template <class Base, class... T> struct Held : Base, Settable {
  std::tuple<T...> now;

  Held(Param::Descriptor &d, Param::SetInstance *set) : Base(d, set) { defaults(std::index_sequence_for<T...>()); }
  template <size_t... I> void defaults(std::index_sequence<I...>) {
    int each[] = {0, (read_default(this->getProperties(), I, std::get<I>(now)), 0)...};
    (void)each;
  }
  OfxStatus get(T &...to) { std::tie(to...) = now; return kOfxStatOK; }
  OfxStatus get(OfxTime, T &...to) { return get(to...); }
  OfxStatus set(T... from) { now = std::tuple<T...>(from...); return kOfxStatOK; }
  OfxStatus set(OfxTime, T... from) { return set(from...); }
  OfxStatus derive(OfxTime, T &...) { return kOfxStatErrMissingHostFeature; }
  OfxStatus integrate(OfxTime, OfxTime, T &...) { return kOfxStatErrMissingHostFeature; }
  void set_text(const std::string &text) override { read_text(text, std::get<0>(now)); }
};

// Strings are set through a char pointer.
template <class Base> struct HeldString : Base, Settable {
  std::string now;

  HeldString(Param::Descriptor &d, Param::SetInstance *set) : Base(d, set) { read_default(this->getProperties(), 0, now); }
  OfxStatus get(std::string &to) { to = now; return kOfxStatOK; }
  OfxStatus get(OfxTime, std::string &to) { return get(to); }
  OfxStatus set(const char *from) { now = from; return kOfxStatOK; }
  OfxStatus set(OfxTime, const char *from) { return set(from); }
  void set_text(const std::string &text) override { now = text; }
};

struct Instance : MyHost::MyEffectInstance {
  using MyHost::MyEffectInstance::MyEffectInstance;

  Param::Instance *newParam(const std::string &name, Param::Descriptor &d) override {
    const std::string &type = d.getType();
    if (type == kOfxParamTypeInteger) return new Held<Param::IntegerInstance, int>(d, this);
    if (type == kOfxParamTypeChoice) return new Held<Param::ChoiceInstance, int>(d, this);
    if (type == kOfxParamTypeBoolean) return new Held<Param::BooleanInstance, bool>(d, this);
    if (type == kOfxParamTypeDouble) return new Held<Param::DoubleInstance, double>(d, this);
    if (type == kOfxParamTypeDouble2D) return new Held<Param::Double2DInstance, double, double>(d, this);
    if (type == kOfxParamTypeDouble3D) return new Held<Param::Double3DInstance, double, double, double>(d, this);
    if (type == kOfxParamTypeRGB) return new Held<Param::RGBInstance, double, double, double>(d, this);
    if (type == kOfxParamTypeRGBA) return new Held<Param::RGBAInstance, double, double, double, double>(d, this);
    if (type == kOfxParamTypeString) return new HeldString<Param::StringInstance>(d, this);
    if (type == kOfxParamTypeCustom) return new HeldString<Param::CustomInstance>(d, this);
    Param::Instance *other = MyHost::MyEffectInstance::newParam(name, d);
    require(("a param of type " + type).c_str(), other != nullptr);
    return other;
  }
  OfxStatus vmessage(const char *type, const char *id, const char *format, va_list args) override {
    MyHost::MyEffectInstance::vmessage(type, id, format, args);
    puts("");
    return kOfxStatOK;
  }
};

struct Host : MyHost::Host {
  Effect::Instance *newInstance(void *, Effect::ImageEffectPlugin *plugin, Effect::Descriptor &d,
                                const std::string &context) override {
    return new Instance(plugin, d, context);
  }
};

const OfxPointD kFullScale = {1, 1};
const OfxRectI kWhole = {0, 0, 720, 576};

void render_window(Effect::Instance &effect, OfxTime time, const OfxRectI &window) {
  MyHost::MyClipInstance *clip = dynamic_cast<MyHost::MyClipInstance *>(effect.getClip(kOfxImageEffectOutputClipName));
  require("an output clip", clip != nullptr);
  if (!clip) return;
  // The demo keeps one output image; the first fetch makes it.
  clip->getImage(time, nullptr)->releaseReference();
  MyHost::MyImage *image = clip->getOutputImage();
  const OfxRGBAColourB guard = {1, 2, 3, 4};
  for (int y = 0; y < kWhole.y2; ++y)
    for (int x = 0; x < kWhole.x2; ++x) *image->pixel(x, y) = guard;

  const double aspect = effect.getProjectPixelAspectRatio();
  const OfxRectD region = {window.x1 * aspect, double(window.y1), window.x2 * aspect, double(window.y2)};
  std::map<Effect::ClipInstance *, OfxRectD> regions;
  check("regions of interest", effect.getRegionOfInterestAction(time, kFullScale, region, regions));
  Effect::RangeMap frames;
  check("frames needed", effect.getFrameNeededAction(time, frames));
  OfxTime identity_time = time;
  std::string identity_clip;
  check("is identity", effect.isIdentityAction(identity_time, kOfxImageFieldNone, window, kFullScale, identity_clip));
  check("render", effect.renderAction(time, kOfxImageFieldNone, window, kFullScale, true, false, false));

  int outside = 0, untouched = 0;
  for (int y = 0; y < kWhole.y2; ++y)
    for (int x = 0; x < kWhole.x2; ++x) {
      const bool in = x >= window.x1 && x < window.x2 && y >= window.y1 && y < window.y2;
      const OfxRGBAColourB *p = image->pixel(x, y);
      const bool same = p->r == guard.r && p->g == guard.g && p->b == guard.b && p->a == guard.a;
      outside += !in && !same;
      untouched += in && same;
    }
  require("no pixel written outside the render window", outside == 0);
  require("every pixel of the render window written", untouched == 0);
}

void write_output(Effect::Instance &effect, const std::string &path) {
  MyHost::MyClipInstance *clip = dynamic_cast<MyHost::MyClipInstance *>(effect.getClip(kOfxImageEffectOutputClipName));
  std::ofstream file(path.c_str(), std::ios::binary);
  for (int y = kWhole.y2 - 1; y >= 0; --y)
    file.write(reinterpret_cast<const char *>(clip->getOutputImage()->pixel(0, y)), kWhole.x2 * 4);
  require(path.c_str(), file.good());
}

void run(Effect::ImageEffectPlugin &plugin, const std::string &context, const std::string &out, int argc, char **argv) {
  const int failures = g_failures;
  std::unique_ptr<Effect::Instance> effect(plugin.createInstance(context, nullptr));
  require("an instance", effect.get() != nullptr);
  if (!effect) return;
  for (int i = 0; i < argc; ++i) {
    const std::string pair = argv[i];
    const size_t equals = pair.find('=');
    if (Settable *param = dynamic_cast<Settable *>(effect->getParam(pair.substr(0, equals))))
      param->set_text(pair.substr(equals + 1));
  }
  check("create instance", effect->createInstanceAction());
  require("clip preferences", effect->getClipPreferences());
  OfxRectD rod;
  check("region of definition", effect->getRegionOfDefinitionAction(0, kFullScale, rod));
  OfxRangeD domain;
  check("time domain", effect->getTimeDomainAction(domain));

  check("begin render", effect->beginRenderAction(0, 2, 1, false, kFullScale, true, false));
  for (int time = 0; time < 3; ++time) render_window(*effect, time, kWhole);
  check("end render", effect->endRenderAction(0, 2, 1, false, kFullScale, true, false));
  write_output(*effect, out + "/" + plugin.getIdentifier() + "." + context + ".rgba");
  if (effect->supportsTiles()) render_window(*effect, 1, OfxRectI{100, 50, 333, 201});

  const std::map<std::string, Param::Instance *> &params = effect->getParams();
  for (std::map<std::string, Param::Instance *>::const_iterator it = params.begin(); it != params.end(); ++it) {
    if (it->second->getType() != kOfxParamTypePushButton) continue;
    if (std::find(argv, argv + argc, it->first + "=no") != argv + argc) continue;
    check("begin change", effect->beginInstanceChangedAction(kOfxChangeUserEdited));
    check(("press " + it->first).c_str(), effect->paramInstanceChangedAction(it->first, kOfxChangeUserEdited, 0, kFullScale));
    check("end change", effect->endInstanceChangedAction(kOfxChangeUserEdited));
  }
  check("sync private data", effect->syncPrivateDataAction());
  check("purge caches", effect->purgeCachesAction());
  render_window(*effect, 2, kWhole);
  if (g_failures == failures) std::cout << "ok " << g_where << ": " << params.size() << " params" << std::endl;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    std::cerr << "usage: reference OUT_DIR ID_PREFIX [PARAM=VALUE]..." << std::endl;
    return 2;
  }
  const std::string out = argv[1], prefix = argv[2];
  Host host;
  {
    Effect::PluginCache effects(host);
    OFX::Host::PluginCache &cache = *OFX::Host::PluginCache::getPluginCache();
    cache.setCacheVersion("splitline");
    effects.registerInCache(cache);
    cache.scanPluginFiles();

    int found = 0;
    const std::vector<Effect::ImageEffectPlugin *> &plugins = effects.getPlugins();
    for (size_t i = 0; i < plugins.size(); ++i) {
      if (plugins[i]->getIdentifier().compare(0, prefix.size(), prefix) != 0) continue;
      ++found;
      const std::set<std::string> contexts = plugins[i]->getContexts();
      g_where = plugins[i]->getIdentifier();
      require("a context", !contexts.empty());
      for (std::set<std::string>::const_iterator c = contexts.begin(); c != contexts.end(); ++c) {
        g_where = plugins[i]->getIdentifier() + " " + *c;
        run(*plugins[i], *c, out, argc - 3, argv + 3);
      }
    }
    g_where = "any";
    require(("an effect named " + prefix + "*").c_str(), found > 0);
    std::ostringstream xml;
    cache.writePluginCache(xml);
  }
  OFX::Host::PluginCache::clearPluginCache();
  std::cout << (g_failures ? "failures: " : "no failure ") << (g_failures ? std::to_string(g_failures) : "") << std::endl;
  return g_failures != 0;
}
