package io.github.describeanything.model.api;

/**
 * A failure of this module. {@link RequestException} means an invalid request and {@link BusyException} a full queue or
 * lack of memory; anything else is a fault of the model, its files or its device.
 */
public class ModelException extends RuntimeException {
    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
