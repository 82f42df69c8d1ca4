# One static program on an empty image: no shell, no package manager, no root.
#
#   docker build -t rollcall --build-arg VERSION=1.0.0 .
#
# Run it read-only, with a volume at /var/lib/rollcall for SQLite (none is
# needed with PostgreSQL) and the key and secret files mounted elsewhere:
# compose.yaml shows all of it.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags="-s -w -X main.release=${VERSION}" -o /out/rollcall ./cmd/rollcall \
 && mkdir -p /out/var/lib/rollcall /out/tmp \
 && echo 'rollcall:x:65532:65532::/var/lib/rollcall:/nonexistent' > /out/passwd

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/passwd /etc/passwd
COPY --from=build /out/rollcall /rollcall
COPY --from=build --chown=65532:65532 /out/var/lib/rollcall /var/lib/rollcall
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
ENV ROLLCALL_LISTEN=:8080
EXPOSE 8080
VOLUME /var/lib/rollcall
ENTRYPOINT ["/rollcall"]
CMD ["serve"]
