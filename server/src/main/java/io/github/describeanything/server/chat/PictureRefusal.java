package io.github.describeanything.server.chat;

/**
 * A picture that cannot be described, by its place among the pictures of a request. Requests with the same pictures share
 * the work on them and its failure: the place is the same for all, the name of the field is not. Immutable.
 */
final class PictureRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int index;
    private final String code;

    /**
     * @param index place among the pictures, from 0 on
     * @param code what is wrong, for programs
     * @param message what is wrong and what to send instead
     */
    PictureRefusal(int index, String code, String message) {
        super(message, null, false, false);
        this.index = index;
        this.code = code;
    }

    int index() {
        return index;
    }

    String code() {
        return code;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
