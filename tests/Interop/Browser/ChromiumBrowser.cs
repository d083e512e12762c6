using Microsoft.Playwright;

namespace Deucalion.Interop.Browser;

/// <summary>The system's Chromium, without a window, and without anything that it would do over the network by itself.</summary>
internal static class ChromiumBrowser
{
    private static readonly string[] Flags =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = Flags });
}
