# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS builder
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --package writ --bin writ \
    && install -D target/release/writ /out/writ \
    && install -d -m 0700 /out/data

# Only glibc, CA certificates and a user without rights.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=builder /out/writ /usr/local/bin/writ
COPY --from=builder --chown=nonroot:nonroot /out/data /var/lib/writ/data
WORKDIR /var/lib/writ
VOLUME /var/lib/writ/data
EXPOSE 8400
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/writ"]
CMD ["serve"]
