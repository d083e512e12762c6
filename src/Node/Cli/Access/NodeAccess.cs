using System.CommandLine;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Deucalion.Node.Cli.Cluster;

namespace Deucalion.Node.Cli.Access;

/// <summary>Options of verbs that call a running node: what they show it and whom they believe. Secrets come out of files.</summary>
internal sealed class NodeAccess
{
    /// <summary>How long an answer usually is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Option<string?> _tokenFile = Path("--token-file", "File that holds a token.");
    private readonly Option<string?> _user = new("--user") { Description = "Name of a user, with --password-file.", HelpName = "name", Recursive = true };
    private readonly Option<string?> _passwordFile = Path("--password-file", "File that holds the password of --user.");
    private readonly Option<string?> _caFile = Path("--ca-file", "Authorities of the node's certificate [default: the system's].");
    private readonly Option<string?> _certFile = Path("--cert-file", "Certificate to show, where the node asks for one.");
    private readonly Option<string?> _keyFile = Path("--key-file", "Its key.");

    /// <summary>Adds the options to a verb and all below it.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _tokenFile, _user, _passwordFile, _caFile, _certFile, _keyFile })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>A client with what was given, which waits so long for an answer.</summary>
    /// <exception cref="ClusterCallException">A file cannot be used, or options do not go together.</exception>
    public HttpClient CreateClient(ParseResult arguments, Uri baseAddress, TimeSpan patience)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        try
        {
            if (arguments.GetValue(_caFile) is { } caFile)
            {
                var authorities = new X509Certificate2Collection();
                authorities.ImportFromPemFile(caFile);
                handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
            }

            if (arguments.GetValue(_certFile) is { } certFile)
            {
                handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(certFile, arguments.GetValue(_keyFile) ?? certFile)];
            }

            var client = new HttpClient(handler) { BaseAddress = baseAddress, Timeout = patience };
            client.DefaultRequestHeaders.Authorization = Authorization(arguments);
            return client;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            handler.Dispose();
            throw new ClusterCallException($"certificates cannot be used: {e.Message}", mayPass: false);
        }
        catch
        {
            handler.Dispose();
            throw;
        }
    }

    private AuthenticationHeaderValue? Authorization(ParseResult arguments)
    {
        var tokenFile = arguments.GetValue(_tokenFile);
        var user = arguments.GetValue(_user);
        var passwordFile = arguments.GetValue(_passwordFile);
        if ((user is null) != (passwordFile is null) || (tokenFile is not null && user is not null))
        {
            throw new ClusterCallException("--token-file alone, or --user and --password-file together, are allowed", mayPass: false);
        }

        return tokenFile is not null ? new AuthenticationHeaderValue("Bearer", Secret(tokenFile))
            : user is not null ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{Secret(passwordFile!)}")))
            : null;
    }

    private static string Secret(string file)
    {
        try
        {
            var secret = File.ReadAllText(file).Trim();
            return secret.Length > 0 && secret.All(static c => !char.IsControl(c)) ? secret : throw new ClusterCallException($"{file}: one line with the secret is expected", mayPass: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterCallException($"{file} cannot be read: {e.Message}", mayPass: false);
        }
    }

    private static Option<string?> Path(string name, string description) => new(name) { Description = description, HelpName = "file", Recursive = true };
}
