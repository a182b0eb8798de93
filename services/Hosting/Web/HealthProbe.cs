namespace Muster.Hosting;

/// <summary>
/// <c>--probe URL</c> on a service's command line: a container's health check where the image has no curl.
/// </summary>
public static class HealthProbe
{
    private const string Switch = "--probe";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets the address and prints what it says, when the command line asks for that and for nothing else.
    /// </summary>
    /// <param name="arguments">The process's arguments.</param>
    /// <returns>
    /// The exit code: 0 for an answer of 200 to 299, 1 for any other, none within 5 s, or a bad address.
    /// Null: this is no probe, run the service.
    /// </returns>
    public static Task<int?> TryRunAsync(string[] arguments) =>
        TryRunAsync(arguments, Console.Out, Console.Error);

    internal static async Task<int?> TryRunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        if (arguments is not [Switch, ..])
        {
            return null;
        }
        if (arguments is not [_, var text] || !Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https"))
        {
            await errors.WriteLineAsync($"{Switch} takes one address: http://127.0.0.1:8080/health/ready");
            return 1;
        }
        try
        {
            return await ProbeAsync(address, output);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            await errors.WriteLineAsync($"No answer from {address}: {failure.Message}");
            return 1;
        }
    }

    private static async Task<int?> ProbeAsync(Uri address, TextWriter output)
    {
        // A proxy in the container's environment is for other ways than to itself.
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler) { Timeout = Limit };
        using var answer = await client.GetAsync(address);
        await output.WriteLineAsync(await answer.Content.ReadAsStringAsync());
        return answer.IsSuccessStatusCode ? 0 : 1;
    }
}
