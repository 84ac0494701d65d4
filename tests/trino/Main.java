/** Starts a server whose own entry is published in no jar; its version is told, since no manifest does. */
public final class Main extends io.trino.server.Server {
    public static void main(String[] args) {
        new Main().start(args[0]);
    }
}
