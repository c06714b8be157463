package io.github.describeanything.model.onnx;

/** What NVIDIA calls the generation of a GPU, such as 9.0. Immutable. */
record ComputeCapability(int major, int minor) implements Comparable<ComputeCapability> {

    /** Whether a GPU of this capability runs machine code that was compiled for another: the same major, no later minor. */
    boolean runs(ComputeCapability code) {
        return code.major == major && code.minor <= minor;
    }

    @Override
    public int compareTo(ComputeCapability other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
