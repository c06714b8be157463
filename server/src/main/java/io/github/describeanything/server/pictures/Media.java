package io.github.describeanything.server.pictures;

/** What a URL stands for. */
enum Media {
    PICTURE("picture", "image/*", "data:image/png;base64,…"),
    VIDEO("video", "video/*,image/gif", "data:video/mp4;base64,…");

    private final String noun;
    private final String accepted;
    private final String dataUrl;

    Media(String noun, String accepted, String dataUrl) {
        this.noun = noun;
        this.accepted = accepted;
        this.dataUrl = dataUrl;
    }

    /** For errors. */
    String noun() {
        return noun;
    }

    /** Of the header Accept. */
    String accepted() {
        return accepted;
    }

    /** An example. */
    String dataUrl() {
        return dataUrl;
    }
}
