//! Flow, splines, mattes and solvers: host-free and file-free.
