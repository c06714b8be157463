"""Runs the configuration of docker/nginx with two servers on loopback and checks that no request is lost."""
