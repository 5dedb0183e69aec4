//! A headless OpenFX host that checks what it hosts.
