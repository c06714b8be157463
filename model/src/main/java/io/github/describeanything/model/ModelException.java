package io.github.describeanything.model;

/** Something that this module could not do. The kinds say whose fault it was. */
public class ModelException extends RuntimeException {
    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
