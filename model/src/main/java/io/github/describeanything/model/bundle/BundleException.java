package io.github.describeanything.model.bundle;

import io.github.describeanything.model.api.ModelException;

/** A bundle that cannot be used. The message names the file and what is wrong with it. */
public final class BundleException extends ModelException {
    public BundleException(String message) {
        super(message);
    }

    public BundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
