# Every door to the project; what takes more than two lines is a script.
export SPLITLINE_CACHE ?= $(HOME)/.cache/splitline
export CARGO_TARGET_DIR ?= $(CURDIR)/target
export SPLITLINE = $(abspath $(CARGO_TARGET_DIR))/release/splitline
DEST ?= /usr/OFX/Plugins
GENERATE = cargo run --quiet --locked --manifest-path ofx-sys/generate/Cargo.toml --target-dir $(CARGO_TARGET_DIR)/generate --
LIBCLANG = $(firstword $(LIBCLANG_PATH) $(wildcard /usr/lib/llvm*/lib/libclang*.so* /usr/lib*/libclang*.so* /usr/lib/*/libclang*.so* /opt/homebrew/opt/llvm/lib/libclang.dylib))

MINUTES ?= 1

.PHONY: bundle install test demo fuzz test-hosts test-models bench bench-flow bench-raster lint bindings check-bindings release clean tools

# dist/Splitline.ofx.bundle and the `splitline` command
bundle: tools
	cargo build --release -p plugins -p cli
	resources/packaging/bundle.sh $(CARGO_TARGET_DIR)/release dist

install: bundle
	resources/packaging/install.sh dist/Splitline.ofx.bundle '$(DEST)'

test: bundle
	cargo test --workspace
	@$(if $(LIBCLANG),$(MAKE) --no-print-directory check-bindings,echo "bindings: not compared with the headers; that needs libclang (apt install libclang-dev / dnf install clang-devel)")

# the sample shot, solved and rendered by the bundle, in demo-out/
demo: bundle
	resources/packaging/demo.sh $(SPLITLINE) dist/Splitline.ofx.bundle demo-out

# the bundle in hosts that others wrote: melt and the reference HostSupport
test-hosts: bundle
	tests/hosts/melt.sh
	tests/hosts/reference.sh
	cargo test -p tests --test hosts

# a landmark network trained on drawn pictures, exported, and opened by the crate `inference`; PyTorch comes into the cache folder
test-models:
	models/train/check.sh

# random files for every reader, MINUTES each; needs cargo-fuzz (cargo install cargo-fuzz) and a nightly Rust. What is found lies in fuzz/artifacts
fuzz:
	fuzz/run.sh $(MINUTES)

# how long hosts and artists wait; with ROTO=folder (see tests/benches/roto.rs) how good the splines are, and those of mattes, with SLIDE="shots keys"
# (see tests/benches/slide.rs) whether points stay on their features, with FACE="shots keys [face]" (see tests/benches/face.rs) how good landmarks are
bench: bundle
	cargo bench -p tests --bench describe
	cargo bench -p tests --bench job
	$(if $(ROTO),cargo bench -p tests --bench roto -- $(ROTO) $(or $(KEYS),10 20 first))
	$(if $(ROTO),cargo bench -p tests --bench vectorise -- $(ROTO))
	$(if $(SLIDE),cargo bench -p tests --bench slide -- $(SLIDE))
	$(if $(FACE),cargo bench -p tests --bench face -- $(FACE))

# our flow and OpenCV's, taking turns; writes the table into docs/benchmarks.md
bench-flow:
	$(or $(PYTHON),python3) tests/benches/flow.py

# our mattes beside tiny-skia, vello_cpu, Cairo and Skia, taking turns; PYTHON of an environment with pycairo and skia-python
bench-raster:
	cargo bench -p tests --bench raster

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny check bans licenses sources; else echo "cargo deny: not installed (cargo install cargo-deny)"; fi

# ofx-sys/src/bindings.rs from the OpenFX headers
bindings:
	$(GENERATE)

check-bindings:
	$(GENERATE) --check

# dist/release: the bundle and the command for glibc 2.28 and later
release: tools
	resources/packaging/release.sh

clean:
	rm -rf dist demo-out && cargo clean

tools:
	@command -v cargo >/dev/null || { echo "Rust is missing: https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is missing: apt install build-essential / dnf install gcc make" >&2; exit 1; }
