package io.github.describeanything.model.api;

/**
 * A failure of this module. {@link RequestException} is the client's mistake and {@link BusyException} a lack of room or
 * memory; any other kind is a fault of the model, its files or its device.
 */
public class ModelException extends RuntimeException {
    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
