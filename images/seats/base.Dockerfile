# The base where a registry is at hand: docker build -t kluster005/seats-base -f images/seats/base.Dockerfile images/seats
FROM debian:bookworm-slim
COPY packages /tmp/packages
RUN apt-get update \
 && sed 's/#.*//' /tmp/packages | xargs apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/* /tmp/packages
