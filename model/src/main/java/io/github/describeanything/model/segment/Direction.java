package io.github.describeanything.model.segment;

/** Which way a pass goes through a video. */
public enum Direction {
    FORWARD(1),
    BACKWARD(-1);

    private final int step;

    Direction(int step) {
        this.step = step;
    }

    /** 1 or -1: from one frame to the next. */
    int step() {
        return step;
    }
}
