"""The live controls: the lever panel and the strip of key figures."""
