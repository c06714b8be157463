package io.github.describeanything.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import org.junit.jupiter.api.Test;

class RequestPictureTest {
    @Test
    void aPictureIsDecodedOnce() {
        try (var server = TestServer.start("golden-joint-fp32")) {
            var picture = new RequestPicture(
                    TestServer.golden("blob.png"),
                    "messages[0].content[0].image_url",
                    TestServer.READER,
                    false,
                    server.model);
            assertThat(picture.picture()).isSameAs(picture.picture());
            assertThat(picture.view()).isSameAs(picture.view());
        }
    }

    @Test
    void equalBytesHaveEqualDigests() {
        try (var server = TestServer.start("golden-joint-fp32")) {
            var one = new RequestPicture(TestServer.golden("blob.png"), "a", TestServer.READER, false, server.model);
            var same = new RequestPicture(TestServer.golden("blob.png"), "b", TestServer.READER, false, server.model);
            var other =
                    new RequestPicture(TestServer.golden("portrait.png"), "a", TestServer.READER, false, server.model);
            assertThat(one.digest()).isEqualTo(same.digest()).isNotEqualTo(other.digest());
        }
    }
}
