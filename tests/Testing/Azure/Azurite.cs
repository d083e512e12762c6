using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Deucalion.Common.Objects.Azure;
using Deucalion.Testing.Processes;

namespace Deucalion.Testing.Azure;

/// <summary>A service that speaks Azure Blob Storage's protocol on a free port: the npm package azurite, over a directory that goes with it. eng/peers.sh installs it.</summary>
public sealed class Azurite : IAsyncDisposable
{
    /// <summary>The account that the emulator has, and its key, which is no secret.</summary>
    public const string Account = "devstoreaccount1";

    public const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly ChildProcess _process;
    private readonly TemporaryDirectory _directory;

    private Azurite(ChildProcess process, TemporaryDirectory directory, int port)
    {
        _process = process;
        _directory = directory;
        Root = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>Address of the service.</summary>
    public Uri Root { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<Azurite> StartAsync()
    {
        var program = Path.Combine(NodeProgram.RepositoryRoot(), "tests", "Testing", "Azure", "node_modules", "azurite", "dist", "src", "blob", "main.js");
        if (!File.Exists(program))
        {
            throw new FileNotFoundException($"{program} is missing; eng/peers.sh installs it");
        }

        var port = Ports.Free();
        var directory = new TemporaryDirectory();
        var process = new ChildProcess(
            "node",
            [program, "--blobHost", "127.0.0.1", "--blobPort", $"{port}", "--location", directory.Path, "--skipApiVersionCheck", "--disableTelemetry"]);
        var azurite = new Azurite(process, directory, port);
        try
        {
            using var http = new HttpClient();
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        using var response = await http.GetAsync(azurite.Root);
                        return true;
                    }
                    catch (HttpRequestException)
                    {
                        return false;
                    }
                },
                TimeSpan.FromSeconds(60),
                () => $"azurite answers; its output:\n{process.Output}");
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to talk to a container of the account; <paramref name="root"/>: by another way, such as a proxy.</summary>
    public AzureOptions Options(string container, string prefix = "", Uri? root = null) => new()
    {
        Account = Account,
        Container = container,
        Prefix = prefix,
        Endpoint = new Uri(root ?? Root, Account),
        AccountKey = AccountKey,
    };

    /// <summary>Creates a container.</summary>
    public async Task CreateContainerAsync(string container)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Root, $"{Account}/{container}?restype=container"));
        var date = TimeProvider.System.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        request.Headers.Add("x-ms-date", date);
        request.Headers.Add("x-ms-version", "2021-08-06");
        var text = $"PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:2021-08-06\n/{Account}/{Account}/{container}\nrestype:container";
        var signature = HMACSHA256.HashData(Convert.FromBase64String(AccountKey), Encoding.UTF8.GetBytes(text));
        request.Headers.TryAddWithoutValidation("Authorization", $"SharedKey {Account}:{Convert.ToBase64String(signature)}");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
