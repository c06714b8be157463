"""Runs docker/nginx's configuration before two servers on loopback and checks that clients lose nothing."""
